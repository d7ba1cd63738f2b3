#include "validation/report.h"

#include <cmath>
#include <cstdio>

#include "validation/accuracy_statements.h"

namespace ytterby::validation {
namespace {

enum class Sign { when_negative, always };

std::string fixed(double value, int digits, Sign sign = Sign::when_negative) {
  if (!std::isfinite(value)) return "";
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, sign == Sign::always ? "%+.*f" : "%.*f", digits, value);
  return buffer;
}

std::string significant(double value, int digits) {
  if (!std::isfinite(value)) return "";
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
  return buffer;
}

std::string quoted(const std::string& cell) { return cell.find(',') == std::string::npos ? cell : '"' + cell + '"'; }

std::string markdown_row(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += " " + cell + " |";
  return row + "\n";
}

}  // namespace

std::string to_csv(std::span<const Comparison> comparisons) {
  std::string csv =
      "# Errors are one standard error. difference_percent and tolerance_percent are per cent of percent_of; the\n"
      "# tolerance is the larger of the stated one and 3 combined standard errors.\n"
      "case,group,quantity,unit,position,reference,reference_error,ours,our_error,percent_of,difference_percent,"
      "difference_in_errors,stated_percent,tolerance_percent,verdict\n";
  for (const Comparison& c : comparisons) {
    csv += c.case_name + "," + quoted(c.group) + "," + quoted(c.quantity) + "," + c.unit;
    for (const double value : {c.position, c.reference, c.reference_error, c.ours, c.our_error, c.percent_of}) {
      csv += ',';
      csv += significant(value, 7);
    }
    for (const std::string& cell :
         {fixed(c.difference_percent(), 4), fixed(c.difference_in_errors(), 2), significant(c.stated, 6),
          std::isnan(c.stated) ? std::string() : fixed(c.tolerance_percent(), 4),
          std::string(verdict_name(c.verdict()))}) {
      csv += ',';
      csv += cell;
    }
    csv += '\n';
  }
  return csv;
}

std::vector<std::string> summary_header() {
  return {"case", "what", "points", "worst", "difference", "errors", "tolerance", "largest errors", "verdict"};
}

std::vector<std::string> summary_cells(const GroupSummary& group) {
  const Comparison& w = group.worst;
  const bool judged = !std::isnan(w.stated);
  return {group.case_name,
          group.group,
          std::to_string(group.points),
          w.quantity,
          fixed(w.difference_percent(), 3, Sign::always) + " %",
          fixed(w.difference_in_errors(), 1, Sign::always),
          judged ? fixed(w.tolerance_percent(), 2) + " %" : "",
          fixed(group.largest_in_errors, 1, Sign::always),
          verdict_name(group.verdict)};
}

std::string to_markdown(std::span<const Comparison> comparisons, std::span<const RunRecord> runs,
                        const ReportContext& context) {
  std::string md = "# Ytterby against its references\n\n";
  md += "Version " + context.version + ", seed " + std::to_string(context.seed) + ", " + fixed(context.seconds, 0) +
        " s" + (context.quick ? ", quick subset" : "") + ".\n\n";
  md +=
      "One line for each group of quantities with a tolerance in common. *worst* is the quantity nearest to or "
      "furthest "
      "over its\ntolerance (where nothing is judged: with most combined standard errors); *difference* is ours minus "
      "the "
      "reference, in\nper cent of the reference, for kernels of the maximum; *errors* the same in combined standard "
      "errors; *tolerance* the\nlarger of the stated one and 3 combined standard errors; *largest errors* the group's "
      "largest difference in combined\nstandard errors.\n\n";
  const std::vector<std::string> header = summary_header();
  md += markdown_row(header) + markdown_row(std::vector<std::string>(header.size(), "---"));
  for (const GroupSummary& group : summarise(comparisons)) md += markdown_row(summary_cells(group));
  for (const std::string& line : accuracy_statements(comparisons)) md += "\n- " + line;
  md += "\n\nEvery quantity is in `validation.csv`.\n";
  for (const std::string& plot : context.plots) md += "\n![" + plot + "](" + plot + ")\n";
  md += "\n## Runs\n\n| run | histories | transport [s] | histories/s |\n| --- | --- | --- | --- |\n";
  for (const RunRecord& run : runs)
    md += markdown_row({run.name, significant(static_cast<double>(run.histories), 4), fixed(run.seconds, 1),
                        significant(static_cast<double>(run.histories) / run.seconds, 3)});
  return md;
}

}  // namespace ytterby::validation
