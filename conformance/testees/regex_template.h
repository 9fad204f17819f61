// Replacement templates of the protocol: \1, \g<1>, \g<name>, \n and its like.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace assay::testees {

/// A piece of a template: literal text, or a group's number.
struct template_piece {
  std::u32string text;
  int group = -1;  ///< -1: literal
};

/// Throws `sdk::raised("TemplateError")` with the position of the backslash that is wrong.
std::vector<template_piece> parse_template(const std::u32string& text, int groups,
                                           const std::map<std::string, int>& names);

}  // namespace assay::testees
