import os

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout


class Consumer(ConanFile):
    settings = "os", "arch", "compiler", "build_type"
    generators = "CMakeDeps"

    def requirements(self):
        self.requires(self.tested_reference_str)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        parts = [part for part in ("pq", "emulator") if self.dependencies["lakebase"].options.get_safe(f"with_{part}")]
        toolchain = CMakeToolchain(self)
        # The consumer of the form find-package: to it, Conan's package is as good as an installed one.
        toolchain.cache_variables["COMPONENTS"] = ";".join(parts)
        toolchain.cache_variables["EXPECTED"] = ";".join(parts)
        toolchain.cache_variables["PROGRAMS"] = os.path.join(self.recipe_folder, "../../../programs")
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure(build_script_folder=os.path.join(self.recipe_folder, "../../find-package"))
        cmake.build()

    def test(self):
        for program in "core", "pq", "emulator":
            path = os.path.join(self.cpp.build.bindir, program)
            if os.path.exists(path):
                self.run(path, env="conanrun")
