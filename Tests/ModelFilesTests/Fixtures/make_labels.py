#!/usr/bin/env python3
"""Logits of the handwritten model of Tests/TestSupport/HandwrittenModel.swift with classifiers of
one, two and three outputs, as transformers computes them: python make_labels.py > labels.json

Made with torch 2.15.0 and transformers 5.24.0.
"""

import json

import torch
from transformers import BertConfig, BertForSequenceClassification

WORDS = 26
PAIRS = [  # ids and the place where the second text begins
    ([2, 5, 6, 7, 8, 9, 3, 13, 14, 10, 3], 7),  # how to restore a file / open the trash
    ([2, 10, 3, 16, 17, 18, 23, 3], 3),
    ([2, 19, 3, 20, 3], 3),
]


def model(labels):
    config = BertConfig(
        vocab_size=WORDS, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=24, num_labels=labels)
    model = BertForSequenceClassification(config).eval()
    names = ["embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight",
             "embeddings.token_type_embeddings.weight", "embeddings.LayerNorm.weight",
             "embeddings.LayerNorm.bias"]
    for layer in range(2):
        at = f"encoder.layer.{layer}."
        parts = ["attention.self.query", "attention.self.key", "attention.self.value",
                 "attention.output.dense", "intermediate.dense", "output.dense",
                 "attention.output.LayerNorm", "output.LayerNorm"]
        names += [f"{at}{part}.{kind}" for part in parts for kind in ("weight", "bias")]
    names = ["bert." + name for name in names + ["pooler.dense.weight", "pooler.dense.bias"]]
    names += ["classifier.weight", "classifier.bias"]
    state, tensors, own = 2026, {}, model.state_dict()
    for name in names:
        values = []
        for _ in range(own[name].numel()):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            values.append((state >> 40) / 2**24 - 0.5)
        middle = 1.0 if name.endswith("LayerNorm.weight") else 0.0
        tensors[name] = torch.tensor(values).add(middle).reshape(own[name].shape)
    model.load_state_dict(tensors)
    return model


def logits(model):
    with torch.no_grad():
        return [
            model(
                input_ids=torch.tensor([ids]),
                token_type_ids=torch.tensor([[int(i >= second) for i in range(len(ids))]]),
            ).logits[0].tolist()
            for ids, second in PAIRS
        ]


print(json.dumps({
    "pairs": [{"ids": ids, "second": second} for ids, second in PAIRS],
    "logits": {str(labels): logits(model(labels)) for labels in (1, 2, 3)},
}))
