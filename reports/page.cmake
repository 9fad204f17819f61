# The page of the report, and what puts data into it.
#
# npm and Vite run in the build tree on a copy of reports/web/, so that nothing is written beside
# the sources. Two steps: the packages, again only when they change; the page, when a source does.
set(web_source "${CMAKE_CURRENT_LIST_DIR}/web")
set(web_build "${CMAKE_CURRENT_BINARY_DIR}/web")

add_library(assay_report_page bench_summary.cc compare.cc figures.cc html.cc rank_test.cc ranking.cc
            write_file.cc)
add_library(assay::report_page ALIAS assay_report_page)
target_include_directories(assay_report_page PUBLIC "${PROJECT_SOURCE_DIR}")
target_link_libraries(assay_report_page PUBLIC nlohmann_json::nlohmann_json
                      PRIVATE assay::protocol fmt::fmt PkgConfig::libdeflate assay::warnings)

assay_test(NAME report_html_test SOURCES html_test.cc LABELS unit reports
           LIBRARIES assay::report_page assay::protocol PkgConfig::libdeflate)
assay_test(NAME report_compare_test SOURCES compare_test.cc LIBRARIES assay::report_page
           LABELS unit reports)

if(NOT ASSAY_BUILD_PAGE)
  return()
endif()
find_program(NODE_PROGRAM NAMES node nodejs)
find_program(NPM_PROGRAM npm)
if(NOT NODE_PROGRAM OR NOT NPM_PROGRAM)
  message(FATAL_ERROR "the page of the report needs Node.js 18 or newer and npm (Debian packages "
                      "nodejs and npm); or leave it out with -DASSAY_BUILD_PAGE=OFF")
endif()
target_compile_definitions(assay_report_page PUBLIC ASSAY_HAS_PAGE)

file(MAKE_DIRECTORY "${web_build}")
set(page "${ASSAY_DATA_DIRECTORY}/report.html")
file(GLOB_RECURSE web_files CONFIGURE_DEPENDS "${web_source}/src/*")
set(web_settings index.html tsconfig.json vite.config.js)
list(TRANSFORM web_settings PREPEND "${web_source}/" OUTPUT_VARIABLE web_setting_files)

add_custom_command(
  OUTPUT "${web_build}/packages.stamp"
  COMMAND "${CMAKE_COMMAND}" -E copy "${web_source}/package.json" "${web_source}/package-lock.json"
          "${web_build}"
  COMMAND "${NPM_PROGRAM}" ci --ignore-scripts --no-audit --no-fund --loglevel=error
  COMMAND "${CMAKE_COMMAND}" -E touch "${web_build}/packages.stamp"
  DEPENDS "${web_source}/package.json" "${web_source}/package-lock.json"
  WORKING_DIRECTORY "${web_build}"
  COMMENT "fetching the packages of the page with npm (-DASSAY_BUILD_PAGE=OFF goes without)"
  VERBATIM)

add_custom_command(
  OUTPUT "${page}"
  COMMAND "${CMAKE_COMMAND}" -E rm -rf "${web_build}/src" "${web_build}/dist"
  COMMAND "${CMAKE_COMMAND}" -E copy_directory "${web_source}/src" "${web_build}/src"
  COMMAND "${CMAKE_COMMAND}" -E copy ${web_setting_files} "${web_build}"
  COMMAND "${NPM_PROGRAM}" run --silent build
  COMMAND "${CMAKE_COMMAND}" -E copy "${web_build}/dist/index.html" "${page}"
  DEPENDS "${web_build}/packages.stamp" ${web_files} ${web_setting_files}
  WORKING_DIRECTORY "${web_build}"
  COMMENT "checking the types of the report's page and building it"
  VERBATIM)
add_custom_target(assay_page ALL DEPENDS "${page}")
include(GNUInstallDirs)
install(FILES "${page}" DESTINATION "${CMAKE_INSTALL_DATADIR}/assay")

# Chromium opens the page with sample data from a disk and clicks through it.
find_program(CHROMIUM_PROGRAM NAMES chromium chromium-browser google-chrome)
if(ASSAY_BUILD_TESTS AND CHROMIUM_PROGRAM)
  add_executable(assay_page_sample page_test/write_page.cc)
  target_link_libraries(assay_page_sample PRIVATE assay::report_page assay::warnings)
  add_dependencies(assay_page_sample assay_page)
  add_test(NAME report_page
           COMMAND "${NODE_PROGRAM}" "${CMAKE_CURRENT_LIST_DIR}/page_test/page_test.mjs"
                   --write-page "$<TARGET_FILE:assay_page_sample>"
                   --sample "${CMAKE_CURRENT_LIST_DIR}/page_test/sample.json"
                   --playwright "${web_build}/node_modules/playwright-core/index.mjs"
                   --chromium "${CHROMIUM_PROGRAM}")
  set_tests_properties(report_page PROPERTIES LABELS "page" TIMEOUT 300)
endif()
