"""The words of the pages in each language that they speak, and who reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request

from clustergraph.server.http.negotiation import language

NAMES: Mapping[str, str] = {"en": "English", "ja": "日本語"}

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "answer": "Answer",
        "any": "any",
        "api": "API",
        "api_text": "Every resource answers GET and HEAD. The machine-readable description is",
        "ask": "Ask",
        "cite": "Permalink of this answer",
        "closed": "with what follows from it",
        "choose": "Choose, then ask.",
        "download": "Download",
        "empty": "There is nothing that fits.",
        "entailment": "Data",
        "error": "This cannot be answered",
        "example": "Example",
        "expected": "Expected",
        "format": "format",
        "graph": "The answer is a graph, here in Turtle.",
        "large": "The answer is too large for a page; download it.",
        "license": "Licence",
        "many": "several can be chosen",
        "missing": "There is no such question",
        "near": "Did you mean",
        "next": "Next page",
        "no": "No",
        "other": "Other",
        "parameter": "Parameter",
        "previous": "Previous page",
        "queries": "Questions",
        "required": "required",
        "results": "Rows {first} to {last} of {rows}; {left} more follow on the next pages.",
        "results_last": "Rows {first} to {last} of {rows}.",
        "row": "1 row",
        "rows": "{rows} rows",
        "run": "Run",
        "service": "service description",
        "skip": "To the content",
        "sparql": "SPARQL",
        "stated": "as the files say",
        "text": "The question in SPARQL",
        "triples": "{triples} triples",
        "yes": "Yes",
        "operation:queries": "The catalogue of saved queries",
        "operation:health": "Whether the service is ready",
        "operation:void": "The VoID description of the data",
        "operation:sparql": "SPARQL 1.1 Protocol, query side; without a query: the service description",
        "operation:sparql-post": "SPARQL 1.1 Protocol, query side, with the query in the body",
    },
    "ja": {
        "answer": "回答",
        "any": "指定なし",
        "api": "API",
        "api_text": "すべてのリソースが GET と HEAD に応答します。機械可読の記述は次のとおりです：",
        "ask": "問い合わせる",
        "cite": "この回答の固定リンク",
        "closed": "推論された事実を含む",
        "choose": "条件を選んで、問い合わせてください。",
        "download": "ダウンロード",
        "empty": "該当するものはありません。",
        "entailment": "データ",
        "error": "回答できません",
        "example": "例",
        "expected": "入力できる値",
        "format": "形式",
        "graph": "回答はグラフです（Turtle で表示）。",
        "large": "回答が大きいためページには表示できません。ダウンロードしてください。",
        "license": "ライセンス",
        "many": "複数選択可",
        "missing": "この質問はありません",
        "near": "もしかして",
        "next": "次のページ",
        "no": "いいえ",
        "other": "その他",
        "parameter": "パラメーター",
        "previous": "前のページ",
        "queries": "質問",
        "required": "必須",
        "results": "全{rows}行のうち{first}〜{last}行目。残り{left}行は次のページ以降にあります。",
        "results_last": "全{rows}行のうち{first}〜{last}行目。",
        "row": "1行",
        "rows": "{rows}行",
        "run": "実行",
        "service": "サービス記述",
        "skip": "本文へ",
        "sparql": "SPARQL",
        "stated": "ファイルの記述のみ",
        "text": "SPARQL による質問文",
        "triples": "{triples} トリプル",
        "yes": "はい",
        "operation:queries": "保存された質問の一覧",
        "operation:health": "サービスが応答できるかどうか",
        "operation:void": "データの VoID 記述",
        "operation:sparql": "SPARQL 1.1 プロトコル（問い合わせ）。質問文がなければサービス記述",
        "operation:sparql-post": "SPARQL 1.1 プロトコル（問い合わせ）。質問文は本文に置く",
    },
}


@dataclass(frozen=True)
class Reader:
    """Who reads a page: `language` is that of the graph's texts, `tag` that of the page's own words."""

    language: str
    tag: str

    @property
    def words(self) -> Mapping[str, str]:
        """The page's own words."""
        return WORDS[self.tag]


def reader(request: Request, languages: Sequence[str], asked: str | None = None) -> Reader:
    """The reader of a request: as its `lang` says, else as it accepts, among the graph's languages."""
    header = request.headers.get("accept-language")
    wanted = asked if asked is not None else request.query_params.get("lang")
    spoken = wanted if wanted in languages else None
    spoken = spoken or language(header, languages) or languages[0]
    primary = spoken.partition("-")[0]
    return Reader(spoken, primary if primary in WORDS else language(header, WORDS) or "en")
