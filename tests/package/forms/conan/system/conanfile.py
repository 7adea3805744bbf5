from conan import ConanFile

# name: (package of CMake, target, libraries, folders of headers)
LIBRARIES = {
    "fmt": ("fmt", "fmt::fmt", ["fmt"], []),
    "libcurl": ("CURL", "CURL::libcurl", ["curl"], []),
    "libpq": ("PostgreSQL", "PostgreSQL::PostgreSQL", ["pq"], ["/usr/include/postgresql"]),
    "nlohmann_json": ("nlohmann_json", "nlohmann_json::nlohmann_json", [], []),
    "simdjson": ("simdjson", "simdjson::simdjson", ["simdjson"], []),
}


class SystemLibrary(ConanFile):
    """Stands for a library that the system has, in place of Conan Center's recipe of that name."""

    options = {"with_openssl": [True, False]}
    default_options = {"with_openssl": True}

    def package_id(self):
        self.info.clear()

    def package_info(self):
        self.cpp_info.libdirs = []
        self.cpp_info.bindirs = []
        self.cpp_info.includedirs = []
        if self.name == "openssl":
            self.cpp_info.set_property("cmake_file_name", "OpenSSL")
            for component, target in ("ssl", "OpenSSL::SSL"), ("crypto", "OpenSSL::Crypto"):
                info = self.cpp_info.components[component]
                info.set_property("cmake_target_name", target)
                info.libdirs = info.bindirs = info.includedirs = []
                info.system_libs = [component]
            self.cpp_info.components["ssl"].requires = ["crypto"]
            return
        package, target, libraries, headers = LIBRARIES[self.name]
        self.cpp_info.set_property("cmake_file_name", package)
        self.cpp_info.set_property("cmake_target_name", target)
        self.cpp_info.system_libs = libraries
        self.cpp_info.includedirs = headers
