// `ytterby completion`: what shells and man know of the command line, from the command line's own description.

#include <CLI/CLI.hpp>
#include <cctype>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/version.h"
#include "io/cli/verbs.h"

namespace ytterby::cli {
namespace {

std::vector<const CLI::App*> verbs_of(const CLI::App& program) {
  return program.get_subcommands([](const CLI::App*) { return true; });
}

/// "-o", "--output": short ones first.
std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

/// Verbs, then a verb's options; everything else is a file.
std::string for_bash(const CLI::App& program) {
  std::vector<std::string> verbs;
  std::string cases;
  for (const CLI::App* verb : verbs_of(program)) {
    verbs.push_back(verb->get_name());
    std::vector<std::string> options;
    for (const CLI::Option* option : verb->get_options())
      for (std::string& name : names_of(*option)) options.push_back(std::move(name));
    cases += "    " + verb->get_name() + ") options='" + joined(options, " ") + "' ;;\n";
  }
  return "# Completion of ytterby for bash, by `ytterby completion bash`.\n"
         "_ytterby() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} options=\n"
         "  if ((COMP_CWORD == 1)); then\n"
         "    mapfile -t COMPREPLY < <(compgen -W '" +
         joined(verbs, " ") +
         " --help --version' -- \"$word\")\n"
         "    return\n"
         "  fi\n"
         "  case ${COMP_WORDS[1]} in\n" +
         cases +
         "  esac\n"
         "  if [[ $word == -* ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\")\n"
         "  else\n"
         "    mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _ytterby ytterby\n";
}

/// Within the quotes and brackets of _arguments.
std::string zsh_text(const std::string& text) {
  std::string safe = replaced(replaced(text, "\\", "\\\\"), "'", "'\\''");
  for (const char* c : {"[", "]", ":"}) safe = replaced(safe, c, std::string("\\") + c);
  return safe;
}

std::string for_zsh(const CLI::App& program) {
  std::string verbs, cases;
  for (const CLI::App* verb : verbs_of(program)) {
    verbs += "    '" + verb->get_name() + ":" + zsh_text(verb->get_description()) + "'\n";
    cases += "    " + verb->get_name() + ")\n      _arguments";
    for (const CLI::Option* option : verb->get_options())
      for (const std::string& name : names_of(*option))
        cases += " \\\n        '" + name + "[" + zsh_text(option->get_description()) + "]" +
                 (takes_value(*option) ? ":value:_files'" : "'");
    cases += " \\\n        '*:file:_files' ;;\n";
  }
  return "#compdef ytterby\n"
         "# Completion of ytterby for zsh, by `ytterby completion zsh`.\n"
         "_ytterby() {\n"
         "  local -a verbs=(\n" +
         verbs +
         "  )\n"
         "  if ((CURRENT == 2)); then\n"
         "    _describe verb verbs\n"
         "    return\n"
         "  fi\n"
         "  local verb=$words[2]\n"
         "  shift words\n"
         "  ((--CURRENT))\n"
         "  case $verb in\n" +
         cases +
         "  esac\n"
         "}\n"
         "_ytterby \"$@\"\n";
}

/// For troff: backslashes, hyphens that are to be typed, and dots and quotes that would begin a request.
std::string roff(const std::string& text) {
  std::string safe = replaced(replaced(text, "\\", "\\e"), "-", "\\-");
  safe = replaced(safe, "\n", "\n\\&");
  return "\\&" + safe;
}

std::string roff_option(const CLI::Option& option) {
  std::string text = ".TP\n\\fB";
  if (option.get_positional()) {
    text += roff(option.get_name(true)) + "\\fR";
  } else {
    text += roff(joined(names_of(option), ", ")) + "\\fR";
    if (takes_value(option)) text += " \\fI" + roff(option.get_type_name()) + "\\fR";
  }
  text += "\n" + roff(option.get_description());
  if (!option.get_default_str().empty()) text += " (default: " + roff(option.get_default_str()) + ")";
  return text + "\n";
}

std::string page_head(const std::string& name, const std::string& summary) {
  return ".TH " + upper(name) + " 1 \"\" \"ytterby " + std::string(program_version()) + "\" \"ytterby\"\n.SH NAME\n" +
         roff(name) + " \\- " + roff(summary) + "\n";
}

std::string man_of_verb(const CLI::App& verb) {
  std::string text = page_head("ytterby-" + verb.get_name(), verb.get_description());
  text += ".SH SYNOPSIS\n\\fBytterby " + roff(verb.get_name()) + "\\fR";
  for (const CLI::Option* option : verb.get_options())
    if (option->get_positional())
      text +=
          " \\fI" + roff(option->get_required() ? option->get_name(true) : "[" + option->get_name(true) + "]") + "\\fR";
  text += " [options]\n.SH OPTIONS\n";
  for (const CLI::Option* option : verb.get_options()) text += roff_option(*option);
  text += ".SH EXAMPLE\n.nf\n" + roff(verb.get_footer().substr(verb.get_footer().find('\n') + 1)) + "\n.fi\n";
  return text + ".SH SEE ALSO\n\\fBytterby\\fR(1)\n";
}

std::string man_of_program(const CLI::App& program) {
  std::string text = page_head("ytterby", program.get_description());
  text += ".SH SYNOPSIS\n\\fBytterby\\fR \\fIverb\\fR [options]\n.SH VERBS\n";
  for (const CLI::App* verb : verbs_of(program))
    text += ".TP\n\\fB" + roff(verb->get_name()) + "\\fR\n" + roff(verb->get_description()) + "\n";
  text += ".SH EXIT STATUS\n";
  for (const auto& [status, meaning] : {std::pair{"0", "done"},
                                        {"1", "an internal error"},
                                        {"2", "a wrong command line"},
                                        {"3", "wrong input"},
                                        {"4", "a device failed, or cannot be had"},
                                        {"5", "done, and a rule is broken or a check failed"}})
    text += ".TP\n" + std::string(status) + "\n" + meaning + "\n";
  text += ".SH SEE ALSO\n";
  std::vector<std::string> pages;
  for (const CLI::App* verb : verbs_of(program))
    pages.push_back("\\fB" + roff("ytterby-" + verb->get_name()) + "\\fR(1)");
  return text + joined(pages, ",\n") + "\n";
}

std::string man(const CLI::App& program, const std::string& name) {
  if (name.empty()) return man_of_program(program);
  check_verb(name);
  return man_of_verb(*program.get_subcommand(name));
}

}  // namespace

Action add_completion(CLI::App& app) {
  struct Text {
    std::string what, verb;
  };
  auto text = std::make_shared<Text>();
  app.add_option("what", text->what, "bash, zsh, man, or verbs: their names, a line each")->required();
  app.add_option("verb", text->verb, "the verb whose man page it is; default: the program's");
  return [text, program = app.get_parent()] {
    if (text->what != "man" && !text->verb.empty())
      throw Error(Fault::usage, "completion " + text->what + " takes no verb: man alone has a page for each");
    if (text->what == "bash") {
      std::cout << for_bash(*program);
    } else if (text->what == "zsh") {
      std::cout << for_zsh(*program);
    } else if (text->what == "man") {
      std::cout << man(*program, text->verb);
    } else if (text->what == "verbs") {
      for (const CLI::App* verb : verbs_of(*program)) std::cout << verb->get_name() << "\n";
    } else {
      throw Error(Fault::usage, "completion is for " + text->what + ", needs to be for bash, zsh, man or verbs");
    }
    return 0;
  };
}

}  // namespace ytterby::cli
