extension GalleryRecipe {
  static let sweep = GalleryRecipe(
    16, "sweep", "other learning rates and losses with two seeds each, compared fairly",
    RecipePaths(output: "Checkpoints/helpdesk-sweep")
  ) { paths in
    """
    # Looks for a better learning rate and loss than those that are written here: four settings and the
    # recipe as it is written, each with two seeds.
    #
    #     ltr sweep Recipes/16-sweep.yaml
    #
    # The runs are compared on data.dev. No run reads data.test, on which the one that dev chooses is
    # measured at the end. A sweep that was stopped goes on with --resume; --dry-run lists the runs and
    # predicts their time. --shard 1/2 and 2/2 train the halves on two machines.

    \(paths.model())
    \(paths.data(list: """
        list:
          size: 8
          positives: 2
          negatives: [judged, candidates]

      """))
    loss: lambdarank

    optimizer:
      lr: 5.0e-5

    training:
      epochs: 4
      batch:
        lists: 8

    fusion:
      weight: dev

    evaluation:
      measures: [nDCG@10, RR@10, AP]
      every: 30 steps
      select: nDCG@10       # the measure by which settings are compared

    sweep:
      method: grid          # every combination; 'random' draws as many settings as 'count' says
      keys:
        optimizer.lr: [2.0e-5, 1.0e-4]
        loss: [softmax, { name: approxndcg, alpha: 5 }]
        # Ranges are for random settings, and in a grid with 'points':
        # optimizer.lr: { log_uniform: [1.0e-5, 3.0e-4] }
        # model.dropout: { uniform: [0, 0.2] }
        # training.epochs: { integers: [2, 8] }
      seeds: [1, 2]         # every setting is trained with each of them

    \(paths.end)
    """
  }
}
