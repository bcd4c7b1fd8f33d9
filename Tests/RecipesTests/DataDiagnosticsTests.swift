import Recipes
import Testing

/// Every message about a value of the sections that say what is learned from, whole.
@Suite struct DataDiagnosticsTests {
  static let overrides: [(String, String)] = [
    (
      "data.train.depth=0",
      "error: 'depth' cannot be '0' | at: --set data.train.depth | expected: an integer "
        + "from 1 to 1000000"
    ),
    (
      "data.train={lists: l, split: t}",
      "error: 'split' cannot be combined with 'lists' | at: --set data.train | "
        + "expected: 'lists', or 'collection' with 'split', 'candidates' and 'depth' | to do: "
        + "remove 'split' or 'lists'"
    ),
    (
      "data.train.weights={propensities: power}",
      "error: 'weights' applies only to clicks in lists, and 'lists' is missing | at: --set "
        + "data.train.weights | expected: 'lists', with the positions at which documents were shown | to do: give "
        + "'lists', or remove 'weights'"
    ),
    (
      "data.train={lists: l, weights: {}}",
      "error: the key 'data.train.weights.propensities' is missing | at: --set data.train | "
        + "expected: power, estimate, lists, or the path of a file of positions and propensities | "
        + "to do: add 'propensities'"
    ),
    (
      "data.train={lists: l, weights: {propensity: power}}",
      "error: unknown key 'propensity' | at: --set data.train | expected: one of propensities, eta, "
        + "clip, normalize | to do: write 'propensities'"
    ),
    (
      "data.train={lists: l, weights: {propensities: estimate, eta: 2}}",
      "error: 'eta' applies only to 'propensities: power' | at: --set "
        + "data.train | expected: 'propensities: power', or no 'eta' | to do: remove 'eta'"
    ),
    (
      "data.train={lists: l, weights: {propensities: power, eta: 100}}",
      "error: 'eta' cannot be '100' | at: --set data.train | expected: a number from 0 to 10"
    ),
    (
      "data.train={lists: l, weights: {propensities: power, clip: 0.5}}",
      "error: 'clip' cannot be '0.5' | at: --set data.train | expected: none, or a number from 1 up"
    ),
    (
      "data.train.teachers=x",
      "error: unknown key 'teachers' | at: --set data.train.teachers | expected: one of lists, "
        + "collection, encoding, columns, labels, documents, split, candidates, depth, ignore_identical_ids, teacher, weights | to do: write 'teacher'"
    ),
    (
      "data.train.split=[a]",
      "error: 'split' cannot be a list | at: --set data.train.split | expected: the name "
        + "of a qrels file"
    ),
    (
      "data.train.candidates={}",
      "error: the first stage is neither an index, a run, a server nor a fusion | at: --set "
        + "data.train.candidates | expected: one of { index: FOLDER }, { run: FILE }, { server: { … } "
        + "} or { fuse: [ … ] }"
    ),
    (
      "data.list.size=1",
      "error: 'size' cannot be '1' | at: --set data.list.size | expected: an integer from "
        + "2 to 10000: a ranking loss compares at least two documents"
    ),
    (
      "data.list.positives=8",
      "error: 'positives' cannot be '8' | at: --set data.list.positives | expected: an "
        + "integer from 1 to 7: a list of 8 needs room for a negative"
    ),
    (
      "data.list.negatives=[]",
      "error: 'negatives' is an empty list | at: --set data.list.negatives | expected: a "
        + "list of judged, candidates, random"
    ),
    (
      "data.list.negatives=[judged, canditates]",
      "error: 'negatives' cannot be 'canditates' | at: --set data.list.negatives | "
        + "expected: one of judged, candidates, random | to do: write 'candidates'"
    ),
    (
      "data.list.negatives=[judged, judged]",
      "error: 'judged' occurs twice | at: --set data.list.negatives | expected: a list "
        + "of judged, candidates, random"
    ),
    (
      "data.list.negatives=[[judged]]",
      "error: 'negatives' cannot be a list | at: --set data.list.negatives | expected: a "
        + "list of judged, candidates, random"
    ),
    (
      "data.list.minimum_grade=0",
      "error: 'minimum_grade' cannot be '0' | at: --set data.list.minimum_grade | "
        + "expected: a number above 0"
    ),
    (
      "data.train={lists: l, encoding: latin1}",
      "error: 'encoding' applies only to a collection, and 'collection' is missing | at: --set "
        + "data.train | expected: lists in UTF-8, or in UTF-16 with a byte-order mark | to do: "
        + "remove 'encoding', and convert the lists with iconv where they need it"
    ),
    (
      "warm_up.queries=abstracts",
      "error: 'queries' cannot be 'abstracts' | at: --set warm_up.queries | expected: one "
        + "of titles, sentences, train"
    ),
    (
      "warm_up.teacher=[a]",
      "error: 'teacher' cannot be a list | at: --set warm_up.teacher | expected: "
        + "'bi-encoder' or the path of a run file"
    ),
    (
      "warm_up.scale=-1",
      "error: 'scale' cannot be '-1' | at: --set warm_up.scale | expected: a number above 0"
    ),
    (
      "warm_up.batch.list=3",
      "error: unknown key 'list' | at: --set warm_up.batch.list | expected: one of lists, tokens | "
        + "to do: write 'lists'"
    ),
  ]

  @Test(arguments: overrides) func saysWhatIsWrongWithAValue(option: String, message: String) {
    let found = said(minimal, [option])
    #expect(found == message)
  }
}
