import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir
from conan.tools.scm import Version

required_conan_version = ">=2.0"

OLDEST_COMPILERS = {"gcc": "12", "clang": "14", "apple-clang": "15"}


class LakebaseConan(ConanFile):
    name = "lakebase"
    license = "Apache-2.0"
    description = "C++ SDK for Databricks Lakebase"
    topics = ("databricks", "lakebase", "postgresql")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False], "with_pq": [True, False], "with_emulator": [True, False],
               "with_cli": [True, False], "with_mcp": [True, False]}
    default_options = {"shared": False, "fPIC": True, "with_pq": True, "with_emulator": False, "with_cli": False,
                       "with_mcp": False}
    implements = ["auto_shared_fpic"]
    exports_sources = "CMakeLists.txt", "cmake/*", "include/*", "src/*", "LICENSE", "THIRD_PARTY_NOTICES.md"

    def set_version(self):
        project = load(self, os.path.join(self.recipe_folder, "CMakeLists.txt"))
        self.version = re.search(r"project\(lakebase VERSION ([0-9.]+)", project).group(1)

    def configure(self):
        if self.options.with_pq:
            self.options["libpq"].with_openssl = True

    def requirements(self):
        self.requires("libcurl/[>=7.88 <9]")
        self.requires("openssl/[>=3 <4]")
        self.requires("fmt/[>=9 <13]")
        self.requires("simdjson/[>=3 <5]")
        self.requires("nlohmann_json/[>=3.11 <4]", libs=False)
        if self.options.with_pq:
            self.requires("libpq/[>=14 <19]")
        if self.options.with_cli or self.options.with_mcp:
            self.requires("cli11/[>=2 <3]", libs=False)
        if self.options.with_mcp:
            self.requires("cpp-httplib/[>=0.11 <1]", libs=False)

    def validate(self):
        check_min_cppstd(self, 20)
        if self.settings.os == "Windows":
            raise ConanInvalidConfiguration("lakebase builds on Linux and macOS")
        if self.options.with_emulator and self.settings.os != "Linux":
            raise ConanInvalidConfiguration("the emulator needs Linux: with_emulator=False")
        if self.options.with_cli and not self.options.with_pq:
            raise ConanInvalidConfiguration("the command line connects to databases: with_cli=True needs with_pq=True")
        if self.options.with_mcp and not self.options.with_pq:
            raise ConanInvalidConfiguration("lakebase-mcp connects to databases: with_mcp=True needs with_pq=True")
        compiler, version = str(self.settings.compiler), Version(self.settings.compiler.version)
        if compiler in OLDEST_COMPILERS and version < OLDEST_COMPILERS[compiler]:
            raise ConanInvalidConfiguration(f"lakebase needs {compiler} {OLDEST_COMPILERS[compiler]} or later, for C++20")
        if self.options.with_pq and not self.dependencies["libpq"].options.get_safe("with_openssl", True):
            raise ConanInvalidConfiguration("with_pq needs libpq/*:with_openssl=True: Lakebase is reached over TLS only")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["LAKEBASE_BUILD_TESTS"] = False
        toolchain.cache_variables["LAKEBASE_BUILD_EXAMPLES"] = False
        toolchain.cache_variables["LAKEBASE_BUILD_PQ"] = bool(self.options.with_pq)
        toolchain.cache_variables["LAKEBASE_BUILD_EMULATOR"] = bool(self.options.with_emulator)
        toolchain.cache_variables["LAKEBASE_BUILD_CLI"] = bool(self.options.with_cli)
        toolchain.cache_variables["LAKEBASE_BUILD_MCP"] = bool(self.options.with_mcp)
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        for notice in "LICENSE", "THIRD_PARTY_NOTICES.md":
            copy(self, notice, self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        # Conan describes the package itself, by what follows.
        for folder in "cmake", "pkgconfig":
            rmdir(self, os.path.join(self.package_folder, "lib", folder))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "lakebase")
        core = self.part("core", "lakebase::lakebase", "lakebase")
        core.requires += ["libcurl::libcurl", "simdjson::simdjson", "nlohmann_json::nlohmann_json"]
        if self.settings.os in ("Linux", "FreeBSD"):
            core.system_libs = ["pthread"]
        if self.settings.os == "Windows" and self.options.shared:
            core.defines = ["LAKEBASE_SHARED"]
        if self.options.with_pq:
            self.part("pq", "lakebase::pq", "lakebase-pq").requires += ["core", "libpq::libpq"]
        if self.options.with_emulator:
            self.part("emulator", "lakebase::emulator", "lakebase-emulator").requires += ["core"]

    def part(self, component, target, package):
        info = self.cpp_info.components[component]
        info.set_property("cmake_target_name", target)
        info.set_property("pkg_config_name", package)
        info.libs = [target.replace("::", "_") if component != "core" else "lakebase"]
        info.requires = ["openssl::openssl", "fmt::fmt"]
        return info
