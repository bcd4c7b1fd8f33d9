// Where people begin: a table of their own, or a model that reranks already.
extension GalleryRecipe {
  static let csv = GalleryRecipe(
    4, "csv", "your own labelled pairs in a CSV file, such as a shop's searches",
    RecipePaths(collection: "shop.csv", output: "Checkpoints/shop", indexes: "Checkpoints/shop")
  ) { paths in
    """
    # Fine-tunes on labelled pairs of your own, a row each of a CSV, TSV or JSON Lines file.
    #
    #     ltr train Recipes/04-csv.yaml
    #
    # A row is a query, a document and a label, under a line of headings:
    #
    #     search_term,product_uid,product_title,product_description,relevance
    #     cordless drill,100001,18 V drill driver,"With two batteries, a charger …",3
    #
    # 'ltr data check \(paths.collection)' says how the file is read, and what is wrong with it.

    \(paths.model())
    data:
      train:
        collection: \(YAMLText.word(paths.collection))
        # Most tables have no splits. Of the queries 60 % are for training, 20 % for selecting the best model
        # and 20 % for measuring it; nearly the same queries stay on one side. A folder with train.csv, dev.csv
        # and test.csv, or a column named split, has splits: write 'split: train', and give sections dev and
        # test, each with its split and otherwise as train.
        split: { share: 0.6, seed: 7 }
        # The headings of the columns. A value may join several: "{product_title}: {product_description}".
        columns:
          query: search_term
          title: product_title
          document: product_description
          label: relevance
          id: product_uid
        # Of labels that are words, a grade each:
        # labels: { Exact: 3, Substitute: 2, Complement: 1, Irrelevant: 0 }
    \(paths.hybrid(depth: 50))
      list:
        size: 8
        # The grade from which a document is a positive. Where grades go from 1 to 3, set it to 2.
        minimum_grade: 1
        # Products without a label are negatives as well; some of them may be relevant.
        negatives: [judged, candidates]

    # The model learns the shop's words from the products alone before it sees a label.
    warm_up: {}
    loss: lambdarank
    training:
      epochs: 3
    fusion:
      weight: dev
    evaluation:
      every: 50 steps

    \(paths.end)
    """
  }

  static let continued = GalleryRecipe(
    5, "continue", "goes on from a cross-encoder that reranks already",
    RecipePaths(
      base: "hf:cross-encoder/ms-marco-MiniLM-L6-v2", output: "Checkpoints/helpdesk-continued")
  ) { paths in
    """
    # Goes on from a cross-encoder that others trained: its score head is kept, so that a low rate and few
    # steps do. The model as it came is one of the baselines of the verdict.
    #
    #     ltr train Recipes/05-continue.yaml

    \(paths.model(more: """
        # Of a classifier with several labels, the one that means relevant:
        # label: entailment

      """))
    \(paths.data(list: """
        list:
          size: 8
          negatives: [judged, candidates]

      """))
    loss: lambdarank

    optimizer:
      # A tenth to a half of the rate that a new head needs.
      lr: 1.0e-05
      warmup: 0.1

    training:
      epochs: 3
      # The lower a layer, the less it changes, so that less of what the model knows is lost.
      layer_decay: 0.9
      # At the end dev chooses between the trained weights, those of the base, and sums of both: a run
      # that does not help ends with the base itself.
      average: dev

    fusion:
      weight: dev

    evaluation:
      every: 20 steps

    \(paths.end)
    """
  }
}
