# Regular expressions: the reference beside PCRE2, RE2, std::regex, Boost.Regex, CPython, a floor.
assay_bench(regex SOURCES regex_bench.cc regex_texts.cc
            LIBRARIES ref::regex PkgConfig::pcre2 PkgConfig::re2 Boost::headers)
