// A score after some of the layers.
extension GalleryRecipe {
  static let exits = GalleryRecipe(
    17, "exits", "early exits: candidates that are clearly lost leave below the last layer",
    RecipePaths(output: "Checkpoints/helpdesk-exits")
  ) { paths in
    """
    # Trains a model with a score after the second and the fourth of its layers as well. At the end of
    # training the shares of the candidates that go on are chosen on dev.
    #
    #     ltr train Recipes/17-exits.yaml
    #     ltr rerank --model \(paths.output) --collection \(paths.collection) --run FIRST.run --output RUN \\
    #       --exits auto
    #     ltr bench rerank --model \(paths.output) --collection \(paths.collection) --run FIRST.run \\
    #       --exits auto
    #     ltr export --model \(paths.output) --layers 2 --format hf

    \(paths.model(more: """
        exits:
          # After so many layers; a model of six layers begins each query with two of them.
          layers: [2, 4]
          # A head for each exit, which begins as a copy of the model's.
          head: own
          # The losses of the exits, beside 1 for that of the last layer.
          weights: 0.5
          # How much nDCG may fall on dev.
          loss: 0.002

      """))
    \(paths.data(list: """
        list:
          size: 8
          negatives: [judged, candidates]

      """))
    loss: lambdarank

    training:
      epochs: 6
      batch:
        lists: 8

    fusion:
      weight: dev

    evaluation:
      every: 30 steps

    \(paths.end)
    """
  }
}
