#include "validation/plot_svg.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace ytterby::validation {
namespace {

constexpr double width = 860, left = 88, right = 24, top = 70, bottom = 56;  // [px]
constexpr double plot_height = 480, gap = 20;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else {
      result += c;
    }
  }
  return result;
}

/// Data to pixels along one axis.
struct Axis {
  double low, high, from, to;
  Scale scale = Scale::linear;

  [[nodiscard]] bool shows(double v) const { return std::isfinite(v) && (scale == Scale::linear || v > 0); }
  [[nodiscard]] double pixel(double v) const {
    const auto place = [this](double x) { return scale == Scale::linear ? x : std::log(x); };
    return from + (place(v) - place(low)) / (place(high) - place(low)) * (to - from);
  }
};

std::vector<double> linear_ticks(double low, double high, int about) {
  const double raw = (high - low) / about, power = std::pow(10, std::floor(std::log10(raw)));
  const double step = power * (raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7.5 ? 5 : 10);
  std::vector<double> ticks;
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) ticks.push_back(i * step);
  return ticks;
}

std::vector<double> decades(double low, double high) {
  std::vector<double> ticks;
  for (int e = static_cast<int>(std::ceil(std::log10(low) - 1e-9)); std::pow(10, e) <= high * (1 + 1e-9); ++e)
    ticks.push_back(std::pow(10, e));
  return ticks;
}

std::string text_at(double x, double y, const std::string& anchor, const std::string& text, const char* extra = "") {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\" " + extra + ">" + text +
         "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2, const char* colour, double stroke,
                 const char* extra = "") {
  return "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" + number(y2) +
         "\" stroke=\"" + colour + "\" stroke-width=\"" + number(stroke) + "\" " + extra + "/>\n";
}

std::string tick_label(double value, Scale scale) {
  char text[64];
  if (scale == Scale::logarithmic) {
    std::snprintf(text, sizeof text, "10<tspan dy=\"-5\" font-size=\"10\">%d</tspan>",
                  static_cast<int>(std::lround(std::log10(value))));
  } else {
    std::snprintf(text, sizeof text, "%.6g", std::abs(value) < 1e-12 ? 0.0 : value);
  }
  std::string result = text;
  if (const std::size_t minus = result.find(scale == Scale::logarithmic ? ">-" : "-"); minus != std::string::npos)
    result.replace(result.find('-', minus), 1, "\u2212");
  return result;
}

/// Range that shows all data with a margin; whole decades on a logarithmic axis.
std::pair<double, double> range_of(const Panel& panel) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  const auto take = [&](double v) {
    if (!std::isfinite(v) || (panel.scale == Scale::logarithmic && v <= 0)) return;
    low = std::min(low, v);
    high = std::max(high, v);
  };
  for (const Series& s : panel.series)
    for (const double y : s.y) take(y);
  for (const Band& b : panel.bands) {
    for (const double y : b.low) take(y);
    for (const double y : b.high) take(y);
  }
  if (!(low <= high)) return {0.1, 1};
  if (panel.scale == Scale::logarithmic)
    return {std::pow(10, std::floor(std::log10(low))), std::pow(10, std::ceil(std::log10(high * 1.2)))};
  const double margin = high > low ? 0.08 * (high - low) : 1;
  return {low >= 0 && !panel.zero_line ? std::min(0.0, low) : low - margin, high + margin};
}

std::pair<double, double> x_range_of(const Figure& figure) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Panel& panel : figure.panels)
    for (const Series& s : panel.series)
      for (const double x : s.x) {
        low = std::min(low, x);
        high = std::max(high, x);
      }
  const double margin = 0.02 * (high - low);
  return low < high ? std::pair{low - margin, high + margin} : std::pair{0.0, 1.0};
}

std::string draw_band(const Band& band, const Axis& x, const Axis& y) {
  std::string points;
  const auto add = [&](double px, double py) {
    points +=
        number(x.pixel(std::clamp(px, x.low, x.high))) + "," + number(y.pixel(std::clamp(py, y.low, y.high))) + " ";
  };
  for (std::size_t i = 0; i < band.x.size(); ++i) add(band.x[i], band.high[i]);
  for (std::size_t i = band.x.size(); i-- > 0;) add(band.x[i], band.low[i]);
  return "<polygon points=\"" + points + "\" fill=\"" + band.fill + "\" stroke=\"none\"/>\n";
}

std::string draw_mark(Mark mark, const char* colour, double px, double py) {
  const std::string place =
      "<circle cx=\"" + number(px) + "\" cy=\"" + number(py) + "\" r=\"" + (mark == Mark::ring ? "3.4" : "2.2") + "\" ";
  return place + (mark == Mark::ring ? "fill=\"white\" stroke=\"" + std::string(colour) + "\" stroke-width=\"1.2\"/>\n"
                                     : "fill=\"" + std::string(colour) + "\"/>\n");
}

std::string draw_series(const Series& s, const Axis& x, const Axis& y) {
  std::string result, path;
  for (std::size_t i = 0; i < s.x.size(); ++i) {
    if (!x.shows(s.x[i]) || !y.shows(s.y[i])) continue;
    const double px = x.pixel(s.x[i]), py = y.pixel(s.y[i]);
    path += number(px);
    path += ',';
    path += number(py);
    path += ' ';
    if (s.mark == Mark::line) continue;
    if (i < s.error.size() && s.error[i] > 0) {
      const double up = s.y[i] + s.error[i], down = s.y[i] - s.error[i];
      result += line(px, y.pixel(y.shows(down) ? down : y.low), px, y.pixel(up), s.colour, 1.0);
    }
    result += draw_mark(s.mark, s.colour, px, py);
  }
  if (s.mark != Mark::line) return result;
  return "<polyline points=\"" + path + "\" fill=\"none\" stroke=\"" + s.colour +
         "\" stroke-width=\"1.5\" stroke-linejoin=\"round\"/>\n";
}

/// One row above the panel's frame, right-aligned; widths are estimated from the number of characters.
std::string draw_legend(const Panel& panel, double frame_top) {
  struct Entry {
    std::string label, sample;
  };
  std::string result;
  double x = width - right;
  const double y = frame_top - 8;
  const auto place = [&](const std::string& label) {
    x -= 6.8 * static_cast<double>(label.size());
    result += text_at(x, y, "start", escaped(label), "font-size=\"12\"");
    x -= 28;
  };
  for (auto band = panel.bands.rbegin(); band != panel.bands.rend(); ++band) {
    if (band->label.empty()) continue;
    place(band->label);
    result += "<rect x=\"" + number(x) + "\" y=\"" + number(y - 9) + "\" width=\"22\" height=\"10\" fill=\"" +
              band->fill + "\" stroke=\"#C3CBD3\" stroke-width=\"0.6\"/>\n";
    x -= 16;
  }
  for (auto s = panel.series.rbegin(); s != panel.series.rend(); ++s) {
    if (s->label.empty()) continue;
    place(s->label);
    result += s->mark == Mark::line ? line(x, y - 4, x + 22, y - 4, s->colour, 1.8)
                                    : draw_mark(s->mark, s->colour, x + 14, y - 4);
    x -= 16;
  }
  return result;
}

std::string draw_panel(const Figure& figure, const Panel& panel, const Axis& x, double frame_top, double frame_height,
                       int index) {
  const auto [low, high] = panel.y_range ? *panel.y_range : range_of(panel);
  const Axis y{low, high, frame_top + frame_height, frame_top, panel.scale};
  const std::string clip = "panel" + std::to_string(index);
  std::string result = "<clipPath id=\"" + clip + "\"><rect x=\"" + number(left) + "\" y=\"" + number(frame_top) +
                       "\" width=\"" + number(width - left - right) + "\" height=\"" + number(frame_height) +
                       "\"/></clipPath>\n";
  for (const Band& band : panel.bands) result += draw_band(band, x, y);
  const int about = std::max(3, static_cast<int>(frame_height / 38));
  for (const double t : panel.scale == Scale::logarithmic ? decades(low, high) : linear_ticks(low, high, about)) {
    result += line(left, y.pixel(t), width - right, y.pixel(t), "#DDDDDD", 0.7);
    result += text_at(left - 8, y.pixel(t) + 4, "end", tick_label(t, panel.scale));
  }
  for (const double t : linear_ticks(x.low, x.high, 10))
    result += line(x.pixel(t), frame_top, x.pixel(t), frame_top + frame_height, "#DDDDDD", 0.7);
  for (const double v : figure.vertical_lines)
    result +=
        line(x.pixel(v), frame_top, x.pixel(v), frame_top + frame_height, "#555555", 1.0, "stroke-dasharray=\"5 3\"");
  if (panel.zero_line) result += line(left, y.pixel(0), width - right, y.pixel(0), "#555555", 1.0);
  result += "<g clip-path=\"url(#" + clip + ")\">\n";
  for (const Series& s : panel.series) result += draw_series(s, x, y);
  result += "</g>\n";
  for (const auto& [at, note] : panel.notes)
    result += text_at(x.pixel(at), frame_top + 18, "middle", escaped(note), "fill=\"#555555\" font-style=\"italic\"");
  result += "<rect x=\"" + number(left) + "\" y=\"" + number(frame_top) + "\" width=\"" + number(width - left - right) +
            "\" height=\"" + number(frame_height) + "\" fill=\"none\" stroke=\"#444444\" stroke-width=\"1\"/>\n";
  const double middle = frame_top + 0.5 * frame_height;
  result += "<text transform=\"translate(24," + number(middle) + ") rotate(-90)\" text-anchor=\"middle\">" +
            escaped(panel.y_label) + "</text>\n";
  return result + draw_legend(panel, frame_top);
}

}  // namespace

std::string to_svg(const Figure& figure) {
  const auto [low, high] = figure.x_range ? *figure.x_range : x_range_of(figure);
  const Axis x{low, high, left, width - right, Scale::linear};
  double shares = 0;
  for (const Panel& panel : figure.panels) shares += panel.share;
  const double legends = (gap + 12) * static_cast<double>(figure.panels.size());
  const double height = top + plot_height + legends + bottom;
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) + " " + number(height) +
                    "\" width=\"" + number(width) + "\" height=\"" + number(height) +
                    "\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#222222\">\n"
                    "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  svg += text_at(left, 28, "start", escaped(figure.title), "font-size=\"17\" font-weight=\"bold\"");
  svg += text_at(left, 48, "start", escaped(figure.subtitle), "fill=\"#555555\"");
  double y = top;
  int index = 0;
  for (const Panel& panel : figure.panels) {
    y += gap;
    const double frame = plot_height * panel.share / shares;
    svg += draw_panel(figure, panel, x, y, frame, index++);
    y += frame + 12;
  }
  y -= 12;
  for (const double t : linear_ticks(low, high, 10)) {
    svg += line(x.pixel(t), y, x.pixel(t), y + 5, "#444444", 1);
    svg += text_at(x.pixel(t), y + 20, "middle", tick_label(t, Scale::linear));
  }
  svg += text_at(0.5 * (left + width - right), y + 42, "middle", escaped(figure.x_label));
  return svg + "</svg>\n";
}

}  // namespace ytterby::validation
