"""How a guessed value would be written: the probe's commonest rewrites, where the source alone gives their words.

loans["income"].median()                  →  state.income_median(lambda: loans["income"].median())
scaler.fit_transform(X)                   →  scaler = state.scaler(lambda: scaler.fit(X)); scaler.transform(X)
pd.get_dummies(X, columns=["region"])     →  pd.get_dummies(state.categories(X, ["region"]), columns=["region"])
"""

import ast
from collections.abc import Collection, Iterator

from nb2svc.analysis.index import Index
from nb2svc.ir.observation import Categories, Learn, Part, Rewrite, Text
from nb2svc.ir.source import CellText
from nb2svc.plan.draft.hints import column_in, hint_of, receiver_hint
from nb2svc.plan.draft.places import span_of, split_around, text_of
from nb2svc.plan.draft.values import Site, argument, called, texts

# Which columns become dummies only the table itself tells.
UNKNOWN = "..."
_AFTER = {"fit_transform": "transform", "fit_predict": "predict"}
_COMPOUND = (ast.For, ast.While, ast.If, ast.With, ast.Try, ast.FunctionDef, ast.AsyncFunctionDef)


class Wording:
    """Words the places of one notebook; each gets slots of its own."""

    def __init__(self, index: Index) -> None:
        self.index = index

    def frozen(self, site: Site) -> Rewrite:
        """A state-kind expression, learned where it stands."""
        node, how = site.node, self._text(site, site.node)
        if called(node) == "fit" and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if not isinstance(owner, ast.Call):
                learned = self._learn(site, receiver_hint(node), how)
                own = self._text(site, owner)
                if any(isinstance(part, ast.Expr) and part.value is node for part in ast.walk(self._tree(site))):
                    return self._rewrite(site, "state", (Text(text=f"{own} = "), learned))
                if not self._compound(site):
                    return self._rewrite(site, "state", (Text(text=own),), before=((Text(text=f"{own} = "), learned),))
        if "\n" in how and not how.startswith("("):
            how = f"({how})"
        return self._rewrite(site, "state", (self._learn(site, hint_of(self._tree(site), node), how),))

    def aligned(self, site: Site) -> Rewrite | None:
        """A row-aligned call in its served words; None where only a run can find them."""
        node = site.node
        if not isinstance(node, ast.Call):
            return None
        match called(node):
            case "get_dummies":
                return self._dummies(site, node)
            case "fit_transform" | "fit_predict":
                return self._fit_transform(site, node)
            case "astype":
                return self._category(site, node)
            case "transform":
                return self._group_transform(site, node)
            case _:
                return None

    def _dummies(self, site: Site, node: ast.Call) -> Rewrite | None:
        data, chosen = argument(node, 0, "data"), argument(node, 99, "columns")
        if data is None or isinstance(data, ast.Starred):
            return None
        columns = texts(chosen) if chosen is not None else None
        if chosen is None and isinstance(data, ast.Subscript) and isinstance(data.slice, ast.Constant):
            columns = texts(data.slice)
        slot = self._slot(site)
        known = columns or ("columns",)
        part = Categories(
            slots=tuple(f"{column}_categories__{slot}" for column in known),
            columns=known,
            frame=self._text(site, data),
            wanted="" if columns else UNKNOWN,
        )
        return self._inside(site, data, "R1", part)

    def _fit_transform(self, site: Site, node: ast.Call) -> Rewrite | None:
        if not isinstance(node.func, ast.Attribute) or not node.args:
            return None
        receiver = node.func.value
        own, whole = self._text(site, receiver), self._text(site, node)
        arguments = whole[whole.index("(", len(own)) :]
        use = f".{_AFTER[node.func.attr]}({self._text(site, node.args[0])})"
        if isinstance(receiver, ast.Name) and not self._compound(site):
            learned = self._learn(site, receiver.id, f"{own}.fit{arguments}")
            return self._rewrite(site, "R3", (Text(text=f"{own}{use}"),), before=((Text(text=f"{own} = "), learned),))
        maker = self._maker(receiver.id) if isinstance(receiver, ast.Name) else own
        if maker is None:
            return None
        learned = self._learn(site, receiver_hint(node), f"{maker}.fit{arguments}")
        return self._rewrite(site, "R3", (learned, Text(text=use)))

    def _category(self, site: Site, node: ast.Call) -> Rewrite | None:
        dtype = argument(node, 0, "dtype")
        base = node.func.value if isinstance(node.func, ast.Attribute) else None
        if not isinstance(base, ast.Subscript) or not texts(base.slice) or not isinstance(dtype, ast.Constant):
            return None
        learned = self._learn(site, column_in(base) or "dtype", f"{self._text(site, node)}.dtype")
        return self._inside(site, dtype, "R2", learned)

    def _group_transform(self, site: Site, node: ast.Call) -> Rewrite | None:
        """`loans.groupby("region")["income"].transform("mean")` → `loans["region"].map(state.income_by_region(…))`."""
        picked = node.func.value if isinstance(node.func, ast.Attribute) else None
        reduction = texts(node.args[0]) if len(node.args) == 1 and not node.keywords else None
        if not isinstance(picked, ast.Subscript) or reduction is None or not reduction[0].isidentifier():
            return None
        column, grouped = texts(picked.slice), picked.value
        if not isinstance(grouped, ast.Call) or not isinstance(grouped.func, ast.Attribute) or called(grouped) != "groupby":
            return None
        key = texts(grouped.args[0]) if len(grouped.args) == 1 and isinstance(grouped.args[0], ast.Constant) else None
        if key is None or column is None or not isinstance(picked.slice, ast.Constant):
            return None
        table = self._learn(site, f"{column[0]}_by_{key[0]}", f"{self._text(site, picked)}.{reduction[0]}()")
        frame = self._text(site, grouped.func.value)
        return self._rewrite(site, "R7", (Text(text=f'{frame}["{key[0]}"].map('), table, Text(text=")")))

    def _maker(self, name: str) -> str | None:
        """The text that made an object, where that is one plain call of constants: `LabelEncoder()`."""
        found = [text for number in self.index.definers.get(name, ()) for text in self._made(number, name)]
        return found[0] if len(found) == 1 else None

    def _made(self, number: int, name: str) -> Iterator[str]:
        parsed = self.index.parsed(number)
        for part in ast.walk(parsed.node) if parsed else ():
            match part:
                case ast.Assign(targets=[ast.Name(id=target)], value=ast.Call(args=args, keywords=keywords) as call):
                    plain = all(isinstance(each, ast.Constant) for each in (*args, *(each.value for each in keywords)))
                    if target == name and plain:
                        yield text_of(self.index, number, call)
                case _:
                    continue

    def _inside(self, site: Site, inner: ast.expr, rule: str, part: Part) -> Rewrite:
        before, behind = split_around(self.index, site.statement, site.node, inner)
        return self._rewrite(
            site, rule, tuple(each for each in (Text(text=before), part, Text(text=behind)) if each != Text(text=""))
        )

    def _learn(self, site: Site, hint: str, how: str) -> Learn:
        names = {part.id for part in ast.walk(site.node) if isinstance(part, ast.Name)}
        keys = [key for key in site.keys if key in names]
        return Learn(slot=self._slot(site), hint=hint, how=how, key=keys[-1] if keys else None)

    def _rewrite(self, site: Site, rule: str, parts: tuple[Part, ...], before: tuple[tuple[Part, ...], ...] = ()) -> Rewrite:
        span = span_of(self.index, site.statement, site.node)
        return Rewrite(statement=site.statement, span=span, rule=rule, parts=parts, before=before)

    def _slot(self, site: Site) -> str:
        span = span_of(self.index, site.statement, site.node)
        return f"d{site.statement}_{span.line}_{span.column}"

    def _text(self, site: Site, node: ast.AST) -> str:
        return text_of(self.index, site.statement, node)

    def _tree(self, site: Site) -> ast.AST:
        parsed = self.index.parsed(site.statement)
        assert parsed is not None, "a site comes from a tree"
        return parsed.node

    def _compound(self, site: Site) -> bool:
        """Whether a line before the statement would stand in the wrong place."""
        return site.within or isinstance(self._tree(site), _COMPOUND)


def outermost(rewrites: Collection[Rewrite]) -> list[Rewrite]:
    """Rewrites in document order without those inside others: edits of one statement never overlap."""
    found: list[Rewrite] = []
    for each in sorted(
        rewrites, key=lambda one: (one.statement, one.span.line, one.span.column, -one.span.end_line, -one.span.end_column)
    ):
        if not any(other.statement == each.statement and other.span.contains(each.span) for other in found):
            found.append(each)
    return found


def edited_text(index: Index, number: int, node: ast.expr, rewrites: Collection[Rewrite]) -> tuple[Part, ...]:
    """A node's text as parts, with the rewrites inside it."""
    whole = span_of(index, number, node)
    text = CellText(index.notebook.cell(whole.cell).code)
    done, end = text.bounds(whole)
    parts: list[Part] = []
    for each in rewrites:
        if whole.contains(each.span):
            first, last = text.bounds(each.span)
            parts += [Text(text=text.text[done:first]), *each.parts]
            done = last
    return tuple(part for part in (*parts, Text(text=text.text[done:end])) if part != Text(text=""))
