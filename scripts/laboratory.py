#!/usr/bin/env python3
"""Run an experiment of training and log it to models/EXPERIMENTS.md.

usage: laboratory.py RECIPE --name NAME --what TEXT [--set KEY=VALUE]... [--seeds N...] [--program FILE] [-- TRAIN FLAGS]

RECIPE is changed by each --set (a TOML value for a top-level key), trained once with each seed, and its development
scores are added to the table, one line a run and, for several seeds, one with mean and spread. The changed recipes
and the models go to models/runs/NAME-SEED. What follows -- goes to `demarche train`: --threads 1, for instance, or --resume
to judge finished runs again.
Standard library only (Python 3.11 or newer).
"""
import argparse, datetime, json, pathlib, statistics, subprocess, sys, tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "models" / "EXPERIMENTS.md"
COLUMNS = [("corpus", "names"), ("corpus", "detection"), ("corpus", "act"), ("corpus", "event"), ("corpus", "stance"),
           ("corpus", "modality"), ("conll2003", "names"), ("crossner", "names"), ("plover", "roots")]


def changed(text, recipe, name, settings):
    """The recipe's text with top-level keys replaced or added, its paths still counted from its own folder."""
    head, bracket, tables = text.partition("[[")
    for key, value in settings.items():
        lines = [line for line in head.splitlines() if line.partition("=")[0].strip() != key]
        head = "\n".join(lines).rstrip() + f"\n{key} = {value}\n\n"
    return f"# {name}: {recipe.name} with other settings.\n" + head + bracket + tables


def minutes(out):
    """What the steps took, as the log of the run has it."""
    steps = (json.loads(line) for line in (out / "train.jsonl").open())
    return max((step["seconds"] for step in steps if "step" in step), default=0) / 60


def scores(out):
    """Those of the epoch whose model was kept: the best mean, as `demarche train` chooses it."""
    progress = json.loads((out / "checkpoint" / "progress.json").read_text())
    sets = dict(progress["best"]["scores"])
    return [sets.get(data, {}).get(metric) for data, metric in COLUMNS]


def row(cells):
    return "| " + " | ".join("–" if c is None else f"{c:.3f}" if isinstance(c, float) else str(c) for c in cells) + " |\n"


def main():
    own, flags = (sys.argv[1:], [])
    if "--" in own:
        own, flags = own[:own.index("--")], own[own.index("--") + 1:]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=pathlib.Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--what", required=True)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--program", default=str(ROOT / "target" / "release" / "demarche"))
    args = parser.parse_args(own)
    text = args.recipe.read_text()
    tomllib.loads(text)
    results = []
    for seed in args.seeds:
        name = f"{args.name}-{seed}"
        out = ROOT / "models" / "runs" / name
        out.mkdir(parents=True, exist_ok=True)
        settings = dict(s.split("=", 1) for s in args.set)
        settings |= {"seed": str(seed), "out": json.dumps(f"../runs/{name}")}
        # The changed recipe lies beside the first, so that its paths mean the same.
        recipe = args.recipe.with_name(f"{name}.toml")
        recipe.write_text(changed(text, args.recipe, name, settings))
        try:
            tomllib.loads(recipe.read_text())
            subprocess.run([args.program, "train", recipe, "--quiet", *flags], check=True, stdout=sys.stderr)
            results.append(scores(out))
        finally:
            recipe.replace(out / "recipe.toml")
        today = datetime.date.today().isoformat()
        with TABLE.open("a") as table:
            table.write(row([args.name, args.what, seed, *results[-1], f"{minutes(out):.0f}", today]))
    if len(results) > 1:
        columns = [[c for c in column if c is not None] for column in zip(*results)]
        spread = [f"{statistics.mean(c):.3f} ± {statistics.stdev(c):.3f}" if len(c) > 1 else None for c in columns]
        with TABLE.open("a") as table:
            table.write(row([args.name, "mean and standard deviation", "all", *spread, "", ""]))


if __name__ == "__main__":
    main()
