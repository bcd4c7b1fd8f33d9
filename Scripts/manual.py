#!/usr/bin/env python3
"""Writes the manual pages of a program, one for each command, from the parser's own description of them.

    Scripts/manual.py PROGRAM FOLDER

The pages have no date, so that the same program always gives the same pages.
"""

import json
import subprocess
import sys
from pathlib import Path

STATUS = [
    ("0", "The command did what it was asked to do."),
    ("64", "The command line is wrong."),
    ("65", "Data in a file is wrong: the message says file, line and column."),
    ("66", "A file is missing or cannot be read."),
    ("69", "Something is unavailable: a server, the network, or a part that the program was built without."),
    ("70", "The program itself is at fault."),
    ("73", "The output exists already, or cannot be created."),
    ("74", "Reading or writing failed."),
    ("78", "The recipe or job is wrong."),
]

ENVIRONMENT = [
    ("HF_HOME", "The folder of Python's huggingface_hub, in which models of the hub are kept. HF_HUB_CACHE names its cache alone."),
    ("HF_TOKEN", "The token for restricted models of the hub. HF_TOKEN_PATH names a file with it, and HF_HUB_DISABLE_IMPLICIT_TOKEN prevents that one is read."),
    ("HF_ENDPOINT", "The address of the hub."),
    ("HF_HUB_OFFLINE", "Where it is 1, nothing is fetched. TRANSFORMERS_OFFLINE does the same."),
    ("LTR_HOME", "The folder in which collections of the catalogue are kept."),
    ("LTR_SEARCH_API_KEY", "The key for a search server. LTR_SEARCH_USER and LTR_SEARCH_PASSWORD are a user's name and password instead."),
    ("LTR_SERVE_TOKEN", "The bearer token that clients of ltr serve must send."),
]


def escaped(text):
    """Text that roff prints as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    lines = [line.strip() for line in text.split("\n")]
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def bold(text):
    return f"\\fB{escaped(text)}\\fR"


def italic(text):
    return f"\\fI{escaped(text)}\\fR"


def shown(items):
    return [item for item in items if item.get("shouldDisplay", True)]


def label(name):
    return ("--" if name["kind"] == "long" else "-") + name["name"]


def value(argument):
    several = argument["isRepeating"] and argument["parsingStrategy"] == "upToNextOption"
    return italic(argument["valueName"]) + (" ..." if several else "")


def usage(argument):
    """An argument as the synopsis has it."""
    if argument["kind"] == "positional":
        text = italic(argument["valueName"])
    else:
        text = bold(label(argument["preferredName"]))
        if argument["kind"] == "option":
            text += " " + value(argument)
    if argument["isOptional"]:
        text = f"[{text}]"
    repeats = argument["isRepeating"] and argument["parsingStrategy"] != "upToNextOption"
    return text + (" ..." if repeats else "")


def described(argument):
    """An argument as an entry of a list."""
    if argument["kind"] == "positional":
        head = italic(argument["valueName"])
    else:
        head = ", ".join(bold(label(name)) for name in argument["names"])
        if argument["kind"] == "option":
            head += " " + value(argument)
    text = argument.get("abstract", "")
    values = argument.get("allValues")
    notes = []
    if values:
        notes.append("One of: " + ", ".join(values) + ".")
    if argument.get("defaultValue"):
        notes.append(f"Default: {argument['defaultValue']}.")
    return [".TP", head, escaped(" ".join([text] + notes).strip())]


def section(title, lines):
    return [f".SH {title}"] + lines if lines else []


def page(command, path, version):
    """The page of a command."""
    name = "-".join(path)
    sentence = command.get("abstract", "").rstrip(".")
    if sentence[1:2].islower():
        sentence = sentence[0].lower() + sentence[1:]
    arguments = shown(command.get("arguments", []))
    commands = [
        each for each in shown(command.get("subcommands", [])) if each["commandName"] != "help"
    ]
    lines = ['.\\" Written by Scripts/manual.py from the definitions of the commands.']
    lines += [f'.TH "{escaped(name).upper()}" "1" "" "{path[0]} {version}" "{path[0]} manual"', ".nh"]
    lines += section("NAME", [f"{escaped(name)} \\- {escaped(sentence)}"])
    words = [usage(argument) for argument in arguments if argument["valueName"] not in ("help", "version")]
    if commands:
        words = [italic("command"), "..."]
    lines += section("SYNOPSIS", [".ad l", " ".join([bold(" ".join(path))] + words), ".ad b"])
    text = command.get("discussion", "").strip() or command.get("abstract", "")
    lines += section(
        "DESCRIPTION",
        ["\n.PP\n".join(escaped(each).replace("\n", "\n.br\n") for each in text.split("\n\n"))])
    if commands:
        entries = []
        for each in commands:
            entries += [".TP", f"\\fB{escaped('-'.join(path + [each['commandName']]))}\\fR(1)"]
            entries.append(escaped(each.get("abstract", "")))
        lines += section("COMMANDS", entries)
    groups = {"ARGUMENTS": [], "OPTIONS": []}
    for argument in arguments:
        kind = "ARGUMENTS" if argument["kind"] == "positional" else "OPTIONS"
        title = argument.get("sectionTitle", kind).upper()
        groups.setdefault(title, []).extend(described(argument))
    for title, entries in groups.items():
        lines += section(title, entries)
    if len(path) == 1:
        for title, entries in (("EXIT STATUS", STATUS), ("ENVIRONMENT", ENVIRONMENT)):
            lines += section(
                title, [line for key, text in entries for line in (".TP", bold(key), escaped(text))])
    else:
        lines += section("EXIT STATUS", [f"See \\fB{escaped(path[0])}\\fR(1)."])
        others = ["-".join(path[:count]) for count in range(1, len(path))]
        lines += section(
            "SEE ALSO", [",\n".join(f"\\fB{escaped(other)}\\fR(1)" for other in others)])
    return "\n".join(lines) + "\n"


def pages(command, path, version):
    """All pages below a command, by their names."""
    path = path + [command["commandName"]]
    found = {"-".join(path): page(command, path, version)}
    for each in shown(command.get("subcommands", [])):
        if each["commandName"] != "help":
            found.update(pages(each, path, version))
    return found


def main():
    program, folder = sys.argv[1], Path(sys.argv[2])
    description = json.loads(subprocess.check_output([program, "--experimental-dump-help"]))
    version = subprocess.check_output([program, "--version"], text=True).strip()
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(description["command"], [], version).items():
        (folder / f"{name}.1").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
