import Recipes
import Testing

/// Every message about a value of `training` and `optimizer`, whole: `error | at | expected | to do`.
@Suite struct TrainingDiagnosticsTests {
  static let overrides: [(String, String)] = [
    (
      "training.epochs=[1",
      "error: '[1' is not YAML | at: --set training.epochs | expected: a value such as 8 "
        + "or [a, b]"
    ),
    (
      "training=3",
      "error: expected keys, found '3' | at: --set training | expected: some of "
        + "epochs, max_steps, batch, accumulate, precision, "
        + "memory_budget, seed, workers, checkpoint, "
        + "early_stopping, recompute_layers, layer_decay, anchor, average | to do: write 'key: value' lines below each other, or { key: value, "
        + "… }"
    ),
    (
      "training.batch={lists: 2, tokens: 3}",
      "error: 'lists' cannot be combined with 'tokens' | at: --set training.batch | "
        + "expected: one of them | to do: remove 'lists' or 'tokens'"
    ),
    (
      "training.memory_budget=lots",
      "error: 'memory_budget' cannot be 'lots' | at: --set training.memory_budget | expected: "
        + "an amount of memory such as '800 MB' or '2 GiB'"
    ),
    (
      "optimizer.name=adam",
      "error: 'name' cannot be 'adam' | at: --set optimizer.name | expected: adamw | to "
        + "do: write 'adamw'"
    ),
    (
      "optimizer.lr=0",
      "error: 'lr' cannot be '0' | at: --set optimizer.lr | expected: a number above 0"
    ),
    (
      "optimizer.lr=fast",
      "error: 'lr' cannot be 'fast' | at: --set optimizer.lr | expected: a number above 0"
    ),
    (
      "optimizer.betas=[0.9]",
      "error: 'betas' cannot be a list | at: --set optimizer.betas | expected: a list of 2 "
        + "numbers from 0 to below 1"
    ),
    (
      "optimizer.betas=[0.9, 1]",
      "error: 'betas' cannot be '1' | at: --set optimizer.betas | expected: a list of 2 "
        + "numbers from 0 to below 1"
    ),
    (
      "optimizer.warmup=-0.1",
      "error: 'warmup' cannot be '-0.1' | at: --set optimizer.warmup | expected: a share "
        + "of all steps from 0 to below 1, or steps: an integer from 1 up"
    ),
    (
      "optimizer.warmup=1.5",
      "error: 'warmup' cannot be '1.5' | at: --set optimizer.warmup | expected: a share of "
        + "all steps from 0 to below 1, or steps: an integer from 1 up"
    ),
    (
      "optimizer.clip=off",
      "error: 'clip' cannot be 'off' | at: --set optimizer.clip | expected: a norm above "
        + "0, or 0 or none for no limit"
    ),
    (
      "optimizer.decay_biases=maybe",
      "error: 'decay_biases' cannot be 'maybe' | at: --set optimizer.decay_biases | "
        + "expected: true or false"
    ),
    (
      "training.precision=fp16",
      "error: 'precision' cannot be 'fp16' | at: --set training.precision | expected: one "
        + "of auto, f32, bf16 | to do: write 'bf16'"
    ),
    (
      "training.workers=0",
      "error: 'workers' cannot be '0' | at: --set training.workers | expected: auto, or an "
        + "integer from 1 to 4096"
    ),
    (
      "training.checkpoint.every=500",
      "error: 'every' cannot be '500' | at: --set training.checkpoint.every | expected: an "
        + "interval such as '100 steps' or '1 epoch'"
    ),
    (
      "training.checkpoint.every=0 steps",
      "error: 'every' cannot be '0 steps' | at: --set training.checkpoint.every | "
        + "expected: an interval such as '100 steps' or '1 epoch'"
    ),
    (
      "training.layer_decay=0",
      "error: 'layer_decay' cannot be '0' | at: --set training.layer_decay | expected: a number "
        + "above 0 and up to 1"
    ),
    (
      "training.layer_decay=1.01",
      "error: 'layer_decay' cannot be '1.01' | at: --set training.layer_decay | expected: a "
        + "number above 0 and up to 1"
    ),
    (
      "training.recompute_layers=0",
      "error: 'recompute_layers' cannot be '0' | at: --set training.recompute_layers | expected: "
        + "an integer from 1 to 1000"
    ),
    (
      "training.average={}",
      "error: 'average' says nothing to average | at: --set training.average | expected: one of "
        + "ema, checkpoints, base | to do: write, for example, 'average: { ema: 0.999 }', or remove "
        + "'average'"
    ),
    (
      "training.average.ema=1",
      "error: 'ema' cannot be '1' | at: --set training.average.ema | expected: a number above 0 "
        + "and below 1"
    ),
    (
      "training.average.emma=0.9",
      "error: unknown key 'emma' | at: --set training.average.emma | expected: one of ema, "
        + "checkpoints, base | to do: write 'ema'"
    ),
    (
      "training.average.checkpoints=1",
      "error: 'checkpoints' cannot be '1' | at: --set training.average.checkpoints | expected: an "
        + "integer from 2 to 100"
    ),
    (
      "training.average.base=[0.5, 0]",
      "error: 'base' cannot be '0' | at: --set training.average.base | expected: dev, a number above 0 "
        + "and up to 1, or a list of such numbers | to do: write 'base: dev', with which the base "
        + "itself may be the best on dev"
    ),
    (
      "training.average.base=[0.5, 0.50]",
      "error: '0.50' occurs twice | at: --set training.average.base | expected: every number once"
    ),
    (
      "training.average.base=[]",
      "error: 'base' is an empty list | at: --set training.average.base | expected: dev, a number "
        + "above 0 and up to 1, or a list of such numbers"
    ),
    (
      "training.average=test",
      "error: expected keys, found 'test' | at: --set training.average | expected: some of ema, "
        + "checkpoints, base | to do: write 'key: value' lines below each other, or { key: value, … }"
    ),
    (
      "training.average=dev",
      "error: the share of the base is chosen on data.dev, which is missing | at: --set "
        + "training.average | expected: a section data.dev | to do: add 'dev' to 'data', or remove "
        + "'average'"
    ),
    (
      "training.anchor={loss: mse, temperature: 2}",
      "error: 'temperature' applies only to 'kl' | at: --set training.anchor | expected: 'loss: "
        + "kl' with it | to do: remove 'temperature', or write 'loss: kl'"
    ),
    (
      "training.anchor.weight=0",
      "error: 'weight' cannot be '0' | at: --set training.anchor.weight | expected: a number above "
        + "0 and up to 1000"
    ),
    (
      "training.anchor.loss=cosine",
      "error: 'loss' cannot be 'cosine' | at: --set training.anchor.loss | expected: one of kl, mse"
    ),
    (
      "training.average.checkpoints=3",
      "error: the checkpoints to average are chosen on data.dev, which is missing | at: --set "
        + "training.average.checkpoints | expected: a section data.dev | to do: add 'dev' to "
        + "'data', or remove 'checkpoints'"
    ),
    (
      "training.average.base=[0.5, 0.75]",
      "error: one of several shares is chosen on data.dev, which is missing | at: --set "
        + "training.average.base | expected: a section data.dev | to do: add 'dev' to 'data', or "
        + "remove 'base'"
    ),
    (
      "evaluation.order=fused",
      "error: 'evaluation.order' is fused, but nothing is fused | at: --set evaluation.order | "
        + "expected: a section fusion | to do: add 'fusion: { weight: dev }', or remove 'order'"
    ),
    (
      "fusion={weight: 0.5, residual: 1}",
      "error: 'fusion.residual' has no first stage to add to | at: --set fusion | expected: "
        + "'data.train.candidates' beside judgments | to do: add the candidates, or remove "
        + "'residual'"
    ),
    (
      "training.early_stopping={}",
      "error: early stopping needs data.dev, which is missing | at: --set "
        + "training.early_stopping | expected: a section data.dev | to do: add 'dev' to 'data', or "
        + "remove 'early_stopping'"
    ),
    (
      "training.early_stopping.patience=2",
      "error: early stopping needs data.dev, which is missing | at: --set "
        + "training.early_stopping.patience | expected: a section data.dev | to do: add 'dev' "
        + "to 'data', or remove 'early_stopping'"
    ),
  ]

  @Test(arguments: overrides) func saysWhatIsWrongWithAValue(option: String, message: String) {
    #expect(said(minimal, [option]) == message)
  }
}
