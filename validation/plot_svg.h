#pragma once
// Line and point plots as SVG: panels above each other on one x axis, such as a kernel over its residuals.

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ytterby::validation {

/// Colours that remain distinct to colour-blind readers. Okabe, Ito, "Color Universal Design" (2008).
namespace colour {
inline constexpr const char* black = "#222222";
inline constexpr const char* blue = "#0072B2";
inline constexpr const char* vermilion = "#D55E00";
inline constexpr const char* green = "#009E73";
inline constexpr const char* purple = "#B0528C";
inline constexpr const char* light = "#E9EDF1";  // bands
inline constexpr const char* dusk = "#D3DCE5";   // bands inside bands
}  // namespace colour

enum class Mark { line, circle, ring };  // a ring is wide enough to hold a circle

/// Points in plot order. Points without a finite place, or not above 0 on a logarithmic axis, are left out.
struct Series {
  std::string label;  // in the legend; none where empty
  const char* colour = colour::blue;
  Mark mark = Mark::line;
  std::vector<double> x, y;
  std::vector<double> error;  // bars of one standard error; may be empty
};

/// A shaded strip between two curves: a tolerance.
struct Band {
  std::string label;
  std::vector<double> x, low, high;
  const char* fill = colour::light;
};

enum class Scale { linear, logarithmic };

struct Panel {
  std::string y_label;
  Scale scale = Scale::linear;
  std::optional<std::pair<double, double>> y_range;  // else from the data
  double share = 1;                                  // of the height
  bool zero_line = false;
  std::vector<Band> bands;
  std::vector<Series> series;
  std::vector<std::pair<double, std::string>> notes;  // text at an x, along the upper edge
};

struct Figure {
  std::string title, subtitle, x_label;
  std::optional<std::pair<double, double>> x_range;  // else from the data
  std::vector<double> vertical_lines;                // such as an interface
  std::vector<Panel> panels;
};

/// The figure as an SVG document on a white ground.
std::string to_svg(const Figure& figure);

}  // namespace ytterby::validation
