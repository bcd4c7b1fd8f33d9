// The same data with the kinds of losses.
extension GalleryRecipe {
  private static func trained(
    _ paths: RecipePaths, _ head: String, data: RecipePaths? = nil, model: String = "",
    list: String, loss: String, train: String = "", more: String = ""
  ) -> String {
    """
    \(head)
    \(paths.model(more: model))
    \((data ?? paths).data(train: train, list: list))
    \(loss)
    optimizer:
      lr: 5.0e-05

    training:
      epochs: 6
    \(more)
    fusion:
      weight: dev

    evaluation:
      every: 30 steps

    \(paths.end)
    """
  }

  static let pointwise = GalleryRecipe(
    6, "pointwise", "a loss of single documents: scores that are probabilities",
    RecipePaths(output: "Checkpoints/helpdesk-pointwise")
  ) { paths in
    trained(
      paths,
      """
      # Learns the relevance of each document by itself. The logistic function of a score is then a
      # probability, which a threshold can be set on; orders are usually a little worse.
      #
      #     ltr train Recipes/06-pointwise.yaml

      """,
      list: """
          list:
            # Lists say only which pairs a step has; a fourth of them are positives.
            size: 8
            positives: 2
            negatives: [judged, candidates]

        """,
      loss: """
        # Also: mse of grades, or ordinal for each grade's probability.
        loss: bce

        """)
  }

  static let pairwise = GalleryRecipe(
    7, "pairwise", "a loss of pairs of documents: the better one is to have the higher score",
    RecipePaths(output: "Checkpoints/helpdesk-pairwise")
  ) { paths in
    trained(
      paths,
      """
      # Learns which of two documents of a list is better. With few, noisy or click labels a loss of pairs
      # is hard to beat.
      #
      #     ltr train Recipes/07-pairwise.yaml

      """,
      list: """
          list:
            size: 8
            positives: 3
            negatives: [judged, candidates]

        """,
      loss: """
        # Also: hinge, or lambdarank, which weighs each pair by what its order changes of nDCG.
        loss: ranknet

        """)
  }

  static let listwise = GalleryRecipe(
    8, "listwise", "a loss of whole lists: one positive among many negatives",
    RecipePaths(output: "Checkpoints/helpdesk-listwise")
  ) { paths in
    trained(
      paths,
      """
      # Learns to pick the relevant documents of a longer list. More negatives in a list cost time and
      # usually help.
      #
      #     ltr train Recipes/08-listwise.yaml

      """,
      list: """
          list:
            size: 16
            positives: 2
            negatives: [candidates, judged]

        """,
      loss: """
        # Also: list_mle, approx_ndcg, neural_ndcg; 'ltr loss --list' has all of them.
        loss: softmax

        """,
      more: """
          batch:
            lists: 4

        """)
  }

  static let distillation = GalleryRecipe(
    9, "distillation", "makes a model of half the layers that learns the scores of the whole one",
    RecipePaths(base: trainedBase, output: "Checkpoints/helpdesk-distilled")
  ) { paths in
    var data = paths
    data.base = paths.base == trainedBase ? RecipePaths(output: "").base : RecipePaths.encoder
    return trained(
      paths,
      """
      # A student of a trained model: three of its six layers, which learn the scores of all six, in half
      # the time a pair. The teacher scores the candidates once, and later runs read its scores. Any
      # cross-encoder, bi-encoder or run of scores may teach instead, such as
      # teacher: { model: hf:BAAI/bge-reranker-v2-m3 }.
      #
      #     ltr train Recipes/01-quickstart.yaml      # the teacher
      #     ltr train Recipes/09-distillation.yaml

      """, data: data,
      model: """
          # Layers of the base, from 0; or { every: 2 }. The last one is what the head has learned to read.
          layers: [0, 2, 5]

        """,
      list: """
          list:
            size: 12
            positives: 2
            negatives: [candidates, judged]
            # Candidates in four bands of the teacher's scores, from which a list draws in turn.
            sampling: { quantiles: 4 }

        """,
      loss: """
        # The teacher's differences of scores, and a part of the labels. Also: kl, teacher_mse, rank_distil,
        # teacher_ranknet.
        loss:
          - { name: margin_mse, pairs: teacher, weight: 1 }
          - { name: lambdarank, weight: 0.2 }

        """,
      train: "    teacher: { model: \(YAMLText.word(paths.base)) }")
  }

  /// The model that the quickstart trains.
  private static let trainedBase = "Checkpoints/helpdesk-quickstart"
}
