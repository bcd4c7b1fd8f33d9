#!/usr/bin/env python3
"""Writes adapters.json: what PEFT computes in float64 of small models with adapters of LoRA.

    python make_adapters.py > adapters.json

Made with torch 2.13.0, transformers 5.24.0 and peft 0.21.2 on a CPU, one thread; no downloads. The
models and their values are those of make_families.py; then the tensors of the adapter get the next
values of a sequence of their own, in the order of the names that PEFT saves them under:

- config, shapes, sequences, types: of the base, as there;
- adapter: PEFT's adapter_config.json;
- tensors: names and shapes of what PEFT saves;
- logits; gradients, steps: of the saved tensors; stepped; weights: as there.

T5 is that of make_t5.py, whose decoder has linear layers of the same names and no adapters.
"""

import json

import make_decoders
import make_families
import make_t5
import peft
import torch
import transformers

# With larger ones, steps of a thousandth would move logits by some of their size.
SMALL = dict(middle=1.0, spread=0.5)
MODELS = [
    ("BERT, every layer", "Bert", make_families.BERT, dict(
        target_modules=["query", "key", "value", "attention.output.dense", "intermediate.dense",
                        "output.dense"], modules_to_save=["bert.pooler", "classifier"])),
    ("BERT, query and value of the last layer, rsLoRA", "Bert", dict(
        make_families.BERT, num_hidden_layers=2), dict(
        target_modules=["query", "value"], layers_to_transform=[1], use_rslora=True,
        modules_to_save=["bert.pooler", "classifier"])),
    ("ModernBERT", "ModernBert", dict(make_families.MODERN, num_hidden_layers=3), dict(
        target_modules=["Wqkv", "Wi", "mlp.Wo"], modules_to_save=["head", "classifier"])),
    ("DeBERTa, shared projections", "DebertaV2", dict(
        make_families.DEBERTA, num_hidden_layers=2), dict(
        target_modules=["query_proj", "key_proj", "intermediate.dense"],
        modules_to_save=["pooler", "classifier"])),
    ("Qwen3", "Qwen3", dict(
        make_decoders.WIDTH, num_hidden_layers=3, head_dim=16, rope_parameters=make_decoders.ROTARY),
     dict(target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj",
                          "down_proj"], layers_to_transform=[1, 2], modules_to_save=["score"])),
    ("T5", "T5", dict(make_t5.WIDTH, num_decoder_layers=1, feed_forward_proj="gated-gelu"), dict(
        target_modules=["q", "k", "v", "o", "wi_0", "wi_1", "wo"], exclude_modules=r"decoder\..*",
        modules_to_save=["score"])),
]
IN_DOUBLES = ["Qwen3", "T5"]


def saved(name):
    return name.replace(".modules_to_save.default", "").replace(".default", "")


def computed(name, prefix, keys, lora):
    config, members = make_families.configuration(name, prefix, keys)
    if prefix not in make_families.OWN_ATTENTION:
        config._attn_implementation = "sdpa"
    kind = (make_t5.classes(prefix)[0] if prefix == "T5"
            else getattr(transformers, prefix + "ForSequenceClassification"))
    base = kind(config).double().eval()
    for parameter in base.parameters():
        parameter.requires_grad_(True)
    (make_decoders if prefix in IN_DOUBLES else make_families).fill(base, SMALL)
    shapes = {n: list(p.shape) for n, p in sorted(base.named_parameters())}
    settings = peft.LoraConfig(
        r=3, lora_alpha=5, lora_dropout=0.0, task_type=None if prefix == "T5" else "SEQ_CLS", **lora)
    settings.base_model_name_or_path = "base"
    model = peft.get_peft_model(base, settings).double().eval()
    parameters = {saved(n): p for n, p in model.named_parameters() if p.requires_grad}
    parameters = dict(sorted(parameters.items()))
    written = peft.get_peft_model_state_dict(model)
    assert set(written) == set(parameters), set(written) ^ set(parameters)
    numbers = make_families.sequence_of_numbers()
    with torch.no_grad():
        for key, parameter in parameters.items():
            values = make_families.values_of(key, parameter, numbers, SMALL)
            # Files hold float32.
            values = torch.from_numpy(values.numpy().astype("float32").astype("float64"))
            parameter.copy_(values.reshape(parameter.shape))
    has_types = getattr(config, "type_vocab_size", 1) > 1
    first = config.pad_token_id + 1
    lengths = make_families.LENGTHS
    sequences = [
        [(s * 13 + i * 7 + 1) % (make_families.WORDS - first) + first for i in range(n)]
        for s, n in enumerate(lengths)]
    types = [[int(has_types and i > n // 2) for i in range(n)] for n in lengths]

    def score(ids, kinds):
        more = {"token_type_ids": torch.tensor([kinds])} if has_types else {}
        found = model(
            input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long),
            **more)
        return (found if prefix == "T5" else found.logits)[:, 0]

    def scores():
        return torch.cat([score(s, t) for s, t in zip(sequences, types)])

    found = scores()
    before = {n: p.detach().clone() for n, p in parameters.items()}
    optimizer = torch.optim.AdamW([
        dict(params=[p for p in parameters.values() if p.dim() > 1],
             weight_decay=make_families.DECAY),
        dict(params=[p for p in parameters.values() if p.dim() == 1], weight_decay=0.0),
    ], **make_families.STEPS)
    gradients = {}
    for step in range(3):
        optimizer.zero_grad()
        (scores() * torch.tensor(make_families.WEIGHTS)).sum().backward()
        if step == 0:
            gradients = {n: make_families.summary(p.grad) for n, p in parameters.items()}
        optimizer.step()
    adapter = {k: sorted(v) if isinstance(v, set) else v for k, v in settings.to_dict().items()}
    adapter = {k: getattr(v, "value", v) for k, v in adapter.items()}
    return {
        "name": name, "config": members, "shapes": shapes, "sequences": sequences, "types": types,
        "adapter": adapter, "tensors": {n: list(p.shape) for n, p in parameters.items()},
        "logits": make_families.rounded(found.tolist()), "gradients": gradients,
        "steps": {n: make_families.summary(p - before[n]) for n, p in parameters.items()},
        "stepped": make_families.rounded(scores().tolist()), "weights": SMALL,
    }


if __name__ == "__main__":
    found = [computed(*model) for model in MODELS if model[1] not in IN_DOUBLES]
    make_t5.buckets_in_floats()
    make_decoders.in_doubles()
    found += [computed(*model) for model in MODELS if model[1] in IN_DOUBLES]
    print(json.dumps(found))
