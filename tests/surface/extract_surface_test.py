#!/usr/bin/env python3
"""What scripts/extract-surface reads from a small package of the SDK's form.

  extract_surface_test.py PATH/TO/scripts/extract-surface
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

SCRIPT = pathlib.Path(sys.argv.pop(1)).resolve()

SERVICE = '''
@dataclass
class Shelf:
    name: str
    books: Optional[List[Book]] = None
    size: Optional[int] = None
    kind: Optional[ShelfKind] = None

    @classmethod
    def from_dict(cls, d: Dict[str, Any]) -> Shelf:
        return cls(name=d.get("name", None), books=_repeated_dict(d, "books", Book), size=_int64(d, "size"),
                   kind=_enum(d, "kind", ShelfKind))


@dataclass
class Book:
    @classmethod
    def from_dict(cls, d: Dict[str, Any]) -> Book:
        return cls()


class ShelfKind(Enum):
    OAK = "OAK"
    PINE = "PINE"


class LibraryAPI:
    def __init__(self, api_client):
        self._api = api_client

    def create_shelf(self, parent: str, shelf: Shelf, *, request_id: Optional[str] = None) -> CreateShelfOperation:
        if request_id is None or request_id == "":
            request_id = str(uuid.uuid4())
        body = shelf.as_dict()
        query = {}
        if request_id is not None:
            query["request_id"] = request_id
        res = self._api.do("POST", f"/api/2.0/library/{parent}/shelves", query=query, body=body)
        return CreateShelfOperation(self, Operation.from_dict(res))

    def list_shelves(self, *, page_token: Optional[str] = None) -> Iterator[Shelf]:
        query = {}
        if page_token is not None:
            query["page_token"] = page_token
        while True:
            json = self._api.do("GET", "/api/2.0/library/shelves", query=query)
            if "shelves" in json:
                for v in json["shelves"]:
                    yield Shelf.from_dict(v)
            if "next_page_token" not in json or not json["next_page_token"]:
                return
            query["page_token"] = json["next_page_token"]

    def lend(self, name: str, until: Timestamp):
        body = {}
        if until is not None:
            body["until"] = until.ToJsonString()
        self._api.do("POST", f"/api/2.0/library/{name}/lend", body=body)


class CreateShelfOperation:
    def wait(self, opts: Optional[lro.LroOptions] = None) -> Shelf:
        pass

    def metadata(self) -> Book:
        pass
'''


class ExtractSurface(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="extract_surface_"))
        self.addCleanup(shutil.rmtree, self.folder)

    def extract(self, source, *arguments):
        package = self.folder / "databricks_sdk-9.9.9-py3-none-any.whl"
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("databricks/sdk/service/library.py", source)
        return self.run_script("--package", package, "--service", "library", *arguments)

    def run_script(self, *arguments):
        return subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False)

    def surface(self):
        result = self.extract(SERVICE)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return json.loads(result.stdout)

    def method(self, name):
        return next(m for m in self.surface()["methods"] if m["name"] == name)

    def test_names_the_release(self):
        self.assertTrue(self.surface()["upstream"].startswith("databricks-sdk-py 9.9.9, service/library.py"))

    def test_models_and_enums(self):
        surface = self.surface()
        self.assertEqual(surface["enums"], {"ShelfKind": ["OAK", "PINE"]})
        self.assertEqual(surface["messages"]["Book"], [])
        self.assertEqual([tuple(field.values()) for field in surface["messages"]["Shelf"]],
                         [("name", "str", True, "plain"), ("books", "List[Book]", False, "repeated_dict"),
                          ("size", "int", False, "int64"), ("kind", "ShelfKind", False, "enum")])

    def test_an_operation_with_query_and_whole_body(self):
        method = self.method("create_shelf")
        self.assertEqual((method["verb"], method["path"]), ("POST", "/api/2.0/library/{parent}/shelves"))
        self.assertEqual(method["body"], "shelf.as_dict()")
        self.assertEqual(method["query"], [{"name": "request_id", "from": "request_id"}])
        self.assertEqual(method["generated_uuid"], ["request_id"])
        self.assertEqual(method["operation"], {"result": "Shelf", "metadata": "Book"})
        self.assertEqual([p["keyword_only"] for p in method["params"]], [False, False, True])

    def test_pages(self):
        method = self.method("list_shelves")
        self.assertEqual(method["paginated"], {"items": "shelves", "token": "next_page_token"})
        self.assertEqual((method["body"], method["returns"]), (None, "Iterator[Shelf]"))
        self.assertEqual(method["query"], [{"name": "page_token", "from": "page_token"}])

    def test_a_body_made_of_arguments(self):
        method = self.method("lend")
        self.assertEqual((method["body"], method["returns"]), ({"until": "until.ToJsonString()"}, None))

    def test_says_what_it_cannot_read(self):
        odd = SERVICE.replace("_int64(d, \"size\")", "surprise(d)")
        for source, words in (odd, "Shelf.size is read in an unknown way"), ("class A: pass", "there is no class LibraryAPI"):
            result = self.extract(source)
            self.assertEqual((result.returncode, result.stdout), (2, ""))
            self.assertIn(words, result.stderr)

    def test_says_that_a_package_is_missing(self):
        result = self.run_script("--package", self.folder / "none.whl")
        self.assertEqual(result.returncode, 2)
        self.assertIn("extract-surface: FileNotFoundError", result.stderr)


if __name__ == "__main__":
    unittest.main()
