// Little memory, and long texts.
extension GalleryRecipe {
  static let lowMemory = GalleryRecipe(
    14, "low-memory", "large models or little memory: budget, recomputed layers, adapters",
    RecipePaths(output: "Checkpoints/helpdesk-low-memory")
  ) { paths in
    """
    # Trains in a fraction of the memory. 'ltr train --dry-run' predicts the peak, without a run.
    #
    #     ltr train Recipes/14-low-memory.yaml

    \(paths.model(more: """
        # Adapters in place of the encoder's weights: no optimizer state and gradients for these.
        lora:
          rank: 16
          alpha: 32

      """))
    \(paths.data(list: """
        list:
          size: 8
          negatives: [judged, candidates]

      """))
    loss: lambdarank

    optimizer:
      # Adapters learn at a higher rate than weights.
      lr: 3.0e-04

    training:
      epochs: 6
      # Two lists at a time, and the mean of four such batches for a step: the gradients of eight lists.
      batch:
        lists: 2
      accumulate: 4
      # A batch whose activations do not fit is computed in slices, with the same result.
      memory_budget: 600 MB
      # One layer's activations at a time; the others are computed once more: a third more time.
      recompute_layers: 1
      # Fewer workers have fewer gradient buffers.
      workers: auto

    fusion:
      weight: dev

    evaluation:
      every: 30 steps

    \(paths.end)
    """
  }

  static let longDocuments = GalleryRecipe(
    15, "long-documents", "documents longer than the model reads at once",
    RecipePaths(output: "Checkpoints/helpdesk-long")
  ) { paths in
    """
    # Trains on the beginnings of long documents, and reranks by their best passages. 'ltr train --dry-run'
    # says how many pairs are truncated.
    #
    #     ltr train Recipes/15-long-documents.yaml
    #     ltr rerank --model \(paths.output) --collection \(paths.collection) --run FIRST.run --output RUN \\
    #       --long-documents max

    \(paths.model(length: 512))
    \(paths.data(list: """
        list:
          size: 6
          positives: 2
          negatives: [judged, candidates]

      """))
    loss: lambdarank

    training:
      epochs: 4
      # Batches of equal work: as many lists as have so many tokens.
      batch:
        tokens: 16384
      # What all layers need of 512 tokens a pair is computed once more instead of kept.
      recompute_layers: 1

    fusion:
      weight: dev

    evaluation:
      every: 30 steps

    \(paths.end)
    """
  }
}
