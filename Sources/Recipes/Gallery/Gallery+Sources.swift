// Data of other kinds: mined lists, clicks, large collections, archives.
extension GalleryRecipe {
  static let mined = GalleryRecipe(
    10, "mine-and-retrain", "trains on hard negatives that a mining job found",
    RecipePaths(output: "Checkpoints/helpdesk-retrained")
  ) { paths in
    """
    # Trains on mined hard negatives: documents that a first stage takes for relevant and that most likely
    # are not. Mined with a trained model as the teacher, and trained again, it is the second round.
    #
    #     ltr index build --collection \(paths.collection) --output \(paths.indexes)-bm25
    #     ltr mine Recipes/03-mine.yaml
    #     ltr train Recipes/10-mine-and-retrain.yaml

    \(paths.model())
    data:
      train:
        # A line is a query with its positives and negatives.
        lists: \(YAMLText.word(paths.indexes + "-mined/lists.jsonl"))
      dev:
        collection: \(YAMLText.word(paths.collection))
        split: dev
        candidates: &words { index: \(YAMLText.word(paths.indexes + "-bm25")), build: bm25, depth: 50 }
      test:
        collection: \(YAMLText.word(paths.collection))
        split: test
        candidates: *words
      list:
        size: 8
        positives: 2
      # From the second epoch on, lists are drawn from the documents that the model itself scores highest.
      remine:
        every: 1 epoch
        hardest: 16

    loss: lambdarank

    training:
      epochs: 6

    fusion:
      weight: dev

    evaluation:
      every: 30 steps

    \(paths.end)
    """
  }

  static let clicks = GalleryRecipe(
    11, "clicks", "learns from a click log, with the bias of positions taken out",
    RecipePaths(
      collection: "clicks.csv", output: "Checkpoints/clicks", indexes: "Checkpoints/shop")
  ) { paths in
    """
    # Learns from what users clicked. A click at a position that few users look at counts for more, so
    # that the model does not learn the order in which documents were shown.
    #
    #     ltr train Recipes/11-clicks.yaml
    #
    # The log is a table with a row for each document that was shown:
    #
    #     session,query,document,position,click
    #     7f3a,reset password,"How to set a new password …",1,0

    \(paths.model())
    data:
      train:
        lists: \(YAMLText.word(paths.collection))
        weights:
          # The probability that a user looks at a position: (1/position)^eta. 'estimate' learns it from
          # a log in which the same documents were shown at several positions.
          propensities: power
          eta: 1
          clip: 10
      list:
        size: 10
        positives: 3

    # A loss of pairs or lists: a pointwise one takes what was not seen for irrelevant.
    loss: ranknet

    training:
      # Without judged queries for dev, training does not stop early.
      epochs: 2

    \(paths.end)
    """
  }

  static let msmarco = GalleryRecipe(
    12, "msmarco", "MS MARCO's passages, from the files as they are published",
    RecipePaths(
      base: "hf:microsoft/MiniLM-L12-H384-uncased", collection: "msmarco",
      output: "Checkpoints/msmarco", indexes: "Checkpoints/msmarco")
  ) { paths in
    """
    # Trains on MS MARCO's passage ranking: a folder with collection.tsv, queries.train.tsv, qrels.train.tsv
    # and those of dev.small, as they are published, also compressed.
    #
    #     ltr train Recipes/12-msmarco.yaml
    #
    # 'ltr train --dry-run' says what that takes on this machine; training.max_steps makes it shorter.

    \(paths.model(length: 192))
    data:
      train:
        collection: \(YAMLText.word(paths.collection))
        split: train
        # The index of 8.8 million passages takes about an hour to build, once.
        candidates: &words { index: \(YAMLText.word(paths.indexes + "-bm25")), build: bm25, depth: 200 }
        depth: 200
      dev:
        collection: \(YAMLText.word(paths.collection))
        split: dev.small
        candidates: *words
        depth: 100
      list:
        # One passage is judged relevant; of the others one in many is as well.
        size: 8
        positives: 1
        negatives: [candidates]

    loss: softmax

    optimizer:
      lr: 2.0e-05

    training:
      epochs: 1
      max_steps: 20000
      batch:
        lists: 16
      checkpoint:
        every: 1000 steps

    fusion:
      weight: dev

    evaluation:
      measures: [RR@10, nDCG@10]
      select: RR@10
      every: 4000 steps

    \(paths.end)
    """
  }

  static let beir = GalleryRecipe(
    13, "beir", "a collection of BEIR, from the archive as it is downloaded",
    RecipePaths(
      collection: "nfcorpus.zip", output: "Checkpoints/nfcorpus", indexes: "Checkpoints/nfcorpus")
  ) { paths in
    """
    # Trains on a collection of BEIR, from the archive as it is downloaded; a catalogue name such as
    # beir/nfcorpus is fetched. Where a collection has no split dev, set data.dev.split to train.
    #
    #     ltr train Recipes/13-beir.yaml

    \(paths.model(length: 384))
    \(paths.data(depth: 100, list: """
        list:
          size: 8
          positives: 2
          # Judgments name relevant documents only: negatives are candidates without a judgment.
          negatives: [candidates]

      """))
    warm_up: {}

    loss: lambdarank

    training:
      epochs: 2

    fusion:
      weight: dev

    evaluation:
      every: 100 steps

    \(paths.end)
    """
  }
}
