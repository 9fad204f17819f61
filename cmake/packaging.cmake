# cmake --install: the program with its data, the SDKs, and the CMake package `assay`.
include(CMakePackageConfigHelpers)

# Programs that the bundled testees name as {bin}/… stand beside assay.
foreach(program assay_program assay-testee-reference assay-testee-pcre2 assay-testee-std-regex
                assay-saboteur assay-wrong-server assay-wrong-crawler assay-wrong-messenger
                epoll-server image-crawler udp-messenger)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endforeach()

set(data ${CMAKE_INSTALL_DATADIR}/assay)
install(FILES conformance/protocol/protocol.json DESTINATION ${data})
install(DIRECTORY ${ASSAY_DATA_DIRECTORY}/sdk DESTINATION ${data} PATTERN __pycache__ EXCLUDE)
install(DIRECTORY ${ASSAY_DATA_DIRECTORY}/testees DESTINATION ${data}
        PATTERN __pycache__ EXCLUDE)
if(ASSAY_BUILD_SABOTEURS)
  install(FILES ${ASSAY_DATA_DIRECTORY}/saboteurs.json DESTINATION ${data})
endif()
install(DIRECTORY fixtures DESTINATION ${data})
install(DIRECTORY conformance/spec DESTINATION ${data} FILES_MATCHING PATTERN "claims*.toml")
install(FILES conformance/PROTOCOL.md conformance/WRITING_A_TESTEE.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})

# For adapters in C++: #include <assay/adapter.h>, link assay::sdk.
install(FILES conformance/sdk/cpp/adapter.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/assay)
set_target_properties(assay_protocol PROPERTIES EXPORT_NAME protocol)
install(TARGETS assay_sdk assay_protocol EXPORT assay_targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/assay)
install(EXPORT assay_targets FILE assayTargets.cmake NAMESPACE assay:: DESTINATION ${package})
configure_package_config_file(cmake/assayConfig.cmake.in
  ${PROJECT_BINARY_DIR}/package/assayConfig.cmake INSTALL_DESTINATION ${package}
  PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/assayConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/assayConfig.cmake
              ${PROJECT_BINARY_DIR}/package/assayConfigVersion.cmake
              cmake/assayAddTestee.cmake
        DESTINATION ${package})
