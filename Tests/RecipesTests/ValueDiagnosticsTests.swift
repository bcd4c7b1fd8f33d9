import Recipes
import Testing

/// Every message about a value, whole: `error | at | expected | to do`. DataDiagnosticsTests have
/// those of `data` and `warm_up`, TrainingDiagnosticsTests those of `training` and `optimizer`.
@Suite struct ValueDiagnosticsTests {
  static let overrides: [(String, String)] = [
    (
      "epochs",
      "error: '--set epochs' sets nothing | expected: --set key.path=value | to do: write, "
        + "for example, '--set training.epochs=5'"
    ),
    (
      "=5",
      "error: '--set =5' sets nothing | expected: --set key.path=value | to do: write, for "
        + "example, '--set training.epochs=5'"
    ),
    (
      "data.list.siez=3",
      "error: unknown key 'siez' | at: --set data.list.siez | expected: one of size, "
        + "positives, negatives, minimum_grade, sampling | to do: write 'size'"
    ),
    (
      "dta.list.size=3",
      "error: unknown key 'dta' | at: --set dta.list.size | expected: one of model, data, "
        + "warm_up, loss, optimizer, training, fusion, evaluation, sweep, output, extends "
        + "| to do: write 'data'"
    ),
    (
      "data..size=3",
      "error: unknown key '' | at: --set data..size | expected: one of train, dev, test, "
        + "list, remine"
    ),
    (
      "output.name=3",
      "error: 'o' has no keys | at: --set output.name | expected: a path that leads "
        + "through sections"
    ),
    (
      "output=",
      "error: the key 'output' has no value | at: r.yaml:3:1, key 'output' | expected: the "
        + "folder the run writes"
    ),
    (
      "model.freeze=[layers 3-1]",
      "error: 'layers 3-1' is not a part that can be frozen | at: --set model.freeze | "
        + "expected: a list such as [embeddings, layers 0-3]"
    ),
    (
      "model.max_length=7",
      "error: 'max_length' cannot be '7' | at: --set model.max_length | expected: an "
        + "integer from 8 to 8192"
    ),
    (
      "model.max_length=abc",
      "error: 'max_length' cannot be 'abc' | at: --set model.max_length | expected: an "
        + "integer from 8 to 8192"
    ),
    (
      "model.max_length='256'",
      "error: 'max_length' cannot be the text '256' | at: --set model.max_length | "
        + "expected: an integer from 8 to 8192"
    ),
    (
      "model.max_length=256.5",
      "error: 'max_length' cannot be '256.5' | at: --set model.max_length | expected: an "
        + "integer from 8 to 8192"
    ),
    (
      "model.max_length=99999999999999999999",
      "error: 'max_length' cannot be '99999999999999999999' | at: --set model.max_length | "
        + "expected: an integer from 8 to 8192"
    ),
    (
      "model.dropout=1",
      "error: 'dropout' cannot be '1' | at: --set model.dropout | expected: a number from "
        + "0 to below 1"
    ),
    (
      "model.dropout=.nan",
      "error: 'dropout' cannot be '.nan' | at: --set model.dropout | expected: a number "
        + "from 0 to below 1"
    ),
    (
      "loss=lambdarnak",
      "error: there is no loss 'lambdarnak' | at: --set loss | expected: one of "
        + "bce, mse, ordinal, quantile, ranknet, hinge, exponential, pairwise_mse, margin_mse, "
        + "soft_zero_one, lambdarank, ndcg1, ndcg2, ndcg2pp, arp1, arp2, map, mrr, softmax, lce, "
        + "infonce, listmle, plistmle, approxndcg, approxmrr, gumbel_approxndcg, neuralndcg, pirank, "
        + "adr_mse, unique_softmax, poly1, xendcg, teacher_mse, teacher_ranknet, kl, rank_distil, "
        + "cosine | to do: write 'lambdarank'"
    ),
    (
      "loss=[]",
      "error: 'loss' is an empty list | at: --set loss | expected: one loss or more"
    ),
    (
      "loss=[[softmax]]",
      "error: 'loss' cannot be a list | at: --set loss | expected: a name, { name: …, "
        + "options }, or a list of these"
    ),
    (
      "loss={ weight: 1 }",
      "error: the loss has no name | at: --set loss | expected: { name: …, options }"
    ),
    (
      "loss={ name: softmax, weight: 0 }",
      "error: every loss has the weight 0 | at: --set loss | expected: one weight above 0 "
        + "or more"
    ),
    (
      "loss={ name: softmax, weight: -1 }",
      "error: 'weight' cannot be '-1' | at: --set loss | expected: a number from 0 up"
    ),
    (
      "loss={ name: lambdarank, sigmoid: 2 }",
      "error: unknown key 'sigmoid' | at: --set loss | expected: one of name, weight, sigma, "
        + "truncation, normalize, log_base | to do: write 'sigma'"
    ),
    (
      "loss={ name: lambdarank, sigma: 0 }",
      "error: 'sigma' cannot be '0' | at: --set loss | expected: a number from 0.001 to 1000"
    ),
    (
      "loss={ name: lambdarank, truncation: 1.5 }",
      "error: 'truncation' cannot be '1.5' | at: --set loss | expected: an integer from 0 "
        + "up"
    ),
    (
      "loss={ name: bce, labels: binry }",
      "error: 'labels' cannot be 'binry' | at: --set loss | expected: one of binary, "
        + "graded | to do: write 'binary'"
    ),
    (
      "loss={ name: cosine, centered: maybe }",
      "error: 'centered' cannot be 'maybe' | at: --set loss | expected: true or false"
    ),
    (
      "fusion.weight=1.5",
      "error: 'weight' cannot be '1.5' | at: --set fusion.weight | expected: dev, or a "
        + "number from 0 to 1"
    ),
    (
      "fusion={ weight: dev }",
      "error: the weight of the fusion is chosen on data.dev, which is missing | at: "
        + "--set fusion | expected: a section data.dev | to do: add 'dev' to 'data', or remove "
        + "'fusion'"
    ),
    (
      "evaluation.measures=[AP, MAP]",
      "error: 'MAP' occurs twice | at: --set evaluation.measures | expected: every measure once"
    ),
    (
      "evaluation.measures=[nDCG@10, ndcg@10]",
      "error: there is no measure 'ndcg', in 'ndcg@10' | at: --set evaluation.measures | expected: "
        + "one of nDCG, AP, RR, P, R, Success, Rprec, Bpref, infAP, ERR, RBP, Judged, SetP, SetR, "
        + "SetF | to do: write 'nDCG@10'"
    ),
    (
      "evaluation.measures=[]",
      "error: 'measures' is an empty list | at: --set evaluation.measures | expected: a "
        + "list of measures such as nDCG@10"
    ),
    (
      "evaluation.measures=[{}]",
      "error: 'measures' cannot be a mapping | at: --set evaluation.measures | expected: a "
        + "list of measures such as nDCG@10"
    ),
    (
      "evaluation={ measures: [AP], select: RR@10 }",
      "error: 'RR@10' is not among the measures | at: --set evaluation | expected: one of "
        + "AP"
    ),
    (
      "evaluation.select=P@x",
      "error: 'x' is not a cut-off, in the measure 'P@x' | at: --set evaluation.select | expected: "
        + "an integer after '@', 1 or more | to do: measures look like nDCG@10, RR@10, AP, "
        + "P(rel=2)@10"
    ),
    (
      "evaluation.every=often",
      "error: 'every' cannot be 'often' | at: --set evaluation.every | expected: an "
        + "interval such as '100 steps' or '1 epoch'"
    ),
  ]

  @Test(arguments: overrides) func saysWhatIsWrongWithAValue(option: String, message: String) {
    let found = said(minimal, [option])
    #expect(found == message)
  }

  @Test func namesLineColumnAndKeyOfAValue() {
    #expect(
      said("model:\n  base: m\ndata:\n  train: { collection: c }\n  list:\n    size: 1\n")
        == "error: 'size' cannot be '1' | at: r.yaml:6:11, key 'data.list.size'"
        + " | expected: an integer from 2 to 10000: a ranking loss compares at least two documents")
  }
}
