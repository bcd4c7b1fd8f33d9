package import Diagnostics
import Options

extension TrainingRecipe {
  /// `Recipes/02-every-key.yaml`: every key with its default and its meaning.
  package static var everyKey: String {
    EveryKey.file(
      header: [
        "yaml-language-server: $schema=recipe.schema.json",
        "",
        "Every key of a training recipe. Values are the defaults, apart from paths and sections that",
        "are optional; model.base, data.train.collection (or lists) and output have none. 'null' stands",
        "for no value. Made from the declarations of the keys: make keys.",
      ], descriptions())
  }

  /// `Recipes/recipe.schema.json`: the keys of a training recipe for editors.
  package static func schema() throws(Failure) -> String {
    try JSONSchema.file(
      title: "A training recipe of ltr", descriptions(),
      definitions: [
        "loss": LossSection.schema, "stage": StageOptions.schema, "shares": SplitShares.schema,
      ])
  }
}

extension MiningJob {
  /// `Recipes/03-mine.yaml`: every key of a job with its default and its meaning.
  package static var everyKey: String {
    EveryKey.file(
      header: [
        "yaml-language-server: $schema=job.schema.json",
        "",
        "Mines hard negatives for the help centre's training questions from BM25's candidates.",
        "",
        "    ltr index build --collection Data/helpdesk --output Checkpoints/helpdesk-bm25",
        "    ltr mine Recipes/03-mine.yaml",
        "",
        "Every key is here. Values are the defaults, apart from paths, filter.relative_margin (none) and",
        "sample.refill (none); collection, first_stage and output.folder have no defaults. 'null' stands",
        "for no value. Any value can be set on the command line: --set sample.count=16. Made from the",
        "declarations of the keys: make keys.",
      ], descriptions())
  }

  /// `Recipes/job.schema.json`: the keys of a mining job for editors.
  package static func schema() throws(Failure) -> String {
    try JSONSchema.file(
      title: "A mining job of ltr", descriptions(),
      definitions: [
        "stage": StageOptions.schema, "shares": SplitShares.schema,
      ])
  }
}

extension JudgeJob {
  /// `Recipes/18-judge.yaml`: every key of a job with its default and its meaning.
  package static var everyKey: String {
    EveryKey.file(
      header: [
        "yaml-language-server: $schema=judging.schema.json",
        "",
        "Lets a language model grade BM25's candidates of the help centre's training questions.",
        "",
        "    ltr index build --collection Data/helpdesk --output Checkpoints/helpdesk-bm25",
        "    ltr index search --index Checkpoints/helpdesk-bm25 --collection Data/helpdesk \\",
        "      --split train --output Checkpoints/helpdesk-bm25.train.run",
        "    ltr judge Recipes/18-judge.yaml",
        "",
        "Every key is here. Values are the defaults, apart from paths, judge.endpoint and judge.model,",
        "which have none. 'null' stands for no value. Any value can be set on the command line:",
        "--set depth=20. Made from the declarations of the keys: make keys.",
      ], descriptions())
  }

  /// `Recipes/judging.schema.json`: the keys of a judging job for editors.
  package static func schema() throws(Failure) -> String {
    try JSONSchema.file(title: "A judging job of ltr", descriptions(), definitions: [:])
  }
}
