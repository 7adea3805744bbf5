from conan import ConanFile
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout


class LakebaseConan(ConanFile):
    name = "lakebase"
    version = "0.1.0"
    license = "Apache-2.0"
    description = "C++ SDK for Databricks Lakebase"
    topics = ("databricks", "lakebase", "postgresql")
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False], "with_pq": [True, False], "with_emulator": [True, False]}
    default_options = {"shared": False, "fPIC": True, "with_pq": True, "with_emulator": False}
    exports_sources = "CMakeLists.txt", "cmake/*", "include/*", "src/*", "LICENSE"

    def config_options(self):
        if self.settings.os == "Windows":
            del self.options.fPIC
            del self.options.with_emulator

    def requirements(self):
        self.requires("libcurl/[>=7.88 <9]")
        self.requires("openssl/[>=3 <4]")
        self.requires("fmt/[>=9]")
        self.requires("simdjson/[>=3]")
        self.requires("nlohmann_json/[>=3.11 <4]")
        if self.options.with_pq:
            self.requires("libpq/[>=14]")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["LAKEBASE_BUILD_TESTS"] = False
        toolchain.cache_variables["LAKEBASE_BUILD_EXAMPLES"] = False
        toolchain.cache_variables["LAKEBASE_BUILD_PQ"] = bool(self.options.with_pq)
        toolchain.cache_variables["LAKEBASE_BUILD_EMULATOR"] = bool(self.options.get_safe("with_emulator"))
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()

    def package_info(self):
        # The installed package describes itself.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = ["lib/cmake/lakebase"]
