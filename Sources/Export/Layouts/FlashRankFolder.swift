import Diagnostics
import Files

extension ExportFormat {
  /// A folder with the layout of FlashRank's model cache.
  public static let flashRank = ExportFormat(
    name: "flashrank",
    meaning: "a cache folder of FlashRank: ONNX file, configuration and tokenizer below --name",
    precisions: onnxPrecisions, contents: .onnx,
    limits: { request in
      request.onnxLimits + request.transformersLimits + [
        "FlashRank returns the sigmoid of the score; the order is the same"
      ]
    }
  ) { (request, folder) throws(Failure) in
    let name = request.name
    try request.writeSidecar(to: try folder.subfolder(name))
    // FlashRank omits token types if all of them are 0.
    try request.writeONNX(to: "\(name)/model.onnx", in: folder, omitsZeroTypes: true)
    try folder.write(
      "README.md",
      """
      FlashRank looks models up in a table; add this model to it first:

          from flashrank import Ranker, RerankRequest
          from flashrank.Config import model_file_map

          model_file_map["\(name)"] = "model.onnx"
          ranker = Ranker("\(name)", cache_dir=".", max_length=\(request.maximumLength))
          ranker.rerank(RerankRequest(query="…", passages=[{"text": "…"}]))

      `cache_dir` is the folder that holds this file.

      """)
  }
}
