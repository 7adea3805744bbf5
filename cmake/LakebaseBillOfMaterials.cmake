# A bill of materials in SPDX 2.3: this library, what it is linked with, and what is compiled into it.

# Adds a dependency, by the name of its CMake package, to the texts `packages` and `relations`.
function(lakebase_bill_entry name package licence relation home)
  set(version "NOASSERTION")
  if(lakebase_version_of_${package})
    set(version ${lakebase_version_of_${package}})
  endif()
  set(packages "${packages},
    {
      \"SPDXID\": \"SPDXRef-${name}\",
      \"name\": \"${name}\",
      \"versionInfo\": \"${version}\",
      \"supplier\": \"NOASSERTION\",
      \"downloadLocation\": \"${home}\",
      \"filesAnalyzed\": false,
      \"licenseConcluded\": \"NOASSERTION\",
      \"licenseDeclared\": \"${licence}\",
      \"copyrightText\": \"NOASSERTION\"
    }" PARENT_SCOPE)
  set(relations "${relations},
    {\"spdxElementId\": \"SPDXRef-lakebase\", \"relationshipType\": \"${relation}\", \"relatedSpdxElement\": \"SPDXRef-${name}\"}"
    PARENT_SCOPE)
endfunction()

# Writes the bill of this build; its date is that of the configuration, or SOURCE_DATE_EPOCH.
function(lakebase_write_bill_of_materials file)
  set(packages "")
  set(relations "")
  lakebase_bill_entry(curl CURL curl DEPENDS_ON https://curl.se)
  lakebase_bill_entry(openssl OpenSSL Apache-2.0 DEPENDS_ON https://openssl-library.org)
  lakebase_bill_entry(fmt fmt MIT DEPENDS_ON https://github.com/fmtlib/fmt)
  lakebase_bill_entry(simdjson simdjson Apache-2.0 DEPENDS_ON https://github.com/simdjson/simdjson)
  lakebase_bill_entry(nlohmann-json nlohmann_json MIT CONTAINS https://github.com/nlohmann/json)
  if(LAKEBASE_BUILD_CLI OR LAKEBASE_BUILD_MCP)
    lakebase_bill_entry(cli11 CLI11 BSD-3-Clause CONTAINS https://github.com/CLIUtils/CLI11)
  endif()
  if(LAKEBASE_BUILD_PQ)
    lakebase_bill_entry(libpq PostgreSQL PostgreSQL DEPENDS_ON https://www.postgresql.org)
  endif()
  string(TIMESTAMP created "%Y-%m-%dT%H:%M:%SZ" UTC)
  string(SHA1 unique "${PROJECT_VERSION}${packages}${created}")
  configure_file(${PROJECT_SOURCE_DIR}/cmake/lakebase.spdx.json.in ${file} @ONLY)
endfunction()
