#!/usr/bin/env python3
"""usage: includes.py REPOSITORY   which names of the standard library are used without their header.

What one standard library's headers happen to include of each other, the next one's do not: a build then breaks on the
next release of the compiler. So a name's header is asked for in the file itself or in one of our own headers that it
includes. Prints every file that breaks this, and exits 1 if there is one.
"""
import functools
import os
import re
import subprocess
import sys

CALL = r"\s*\("
HEADERS = {  # header, or headers of which one will do: names
    "algorithm": r"(sort|stable_sort|max|min|clamp|minmax|max_element|min_element|minmax_element|find|find_if|"
                 r"find_if_not|any_of|all_of|none_of|count|count_if|copy|copy_n|copy_if|fill|fill_n|transform|reverse|"
                 r"rotate|unique|remove_if|replace|equal|lower_bound|upper_bound|binary_search|nth_element|shuffle|"
                 r"partial_sort|generate|for_each|is_sorted|mismatch|search|partition|adjacent_find|merge)" + CALL,
    "numeric": r"(accumulate|iota|reduce|inner_product|partial_sum|transform_reduce|gcd|lcm|midpoint)" + CALL,
    "cmath": r"(sqrt|exp|log|log10|log2|log1p|expm1|pow|sin|cos|tan|acos|asin|atan|atan2|floor|ceil|round|lround|"
             r"llround|trunc|fabs|isfinite|isnan|isinf|hypot|cbrt|erf|erfc|nearbyint|rint|fmod|ldexp|frexp|nextafter|"
             r"copysign|lgamma|signbit|fma)" + CALL,
    "cmath cstdlib": r"abs" + CALL,
    "cstdlib": r"(getenv|atoi|atof|strtod|strtol|strtoul|exit|abort|system|malloc|free|_Exit)" + CALL,
    "cstdio": r"(printf|fprintf|snprintf|fopen|fclose|fread|fwrite|fputs|puts|rename|fflush|FILE\b)",
    "cstring": r"(memcpy|memset|memcmp|memmove|strlen|strcmp|strncmp|strerror|strchr|strstr)" + CALL,
    "cctype": r"(isalpha|isdigit|isspace|tolower|toupper|isalnum|ispunct|isprint|isxdigit)\b",
    "cstdint": r"u?int(8|16|32|64|ptr|max)_t\b",
    "string": r"(string|to_string|stoi|stod|stoul|stoll)\b",
    "string_view": r"string_view\b",
    "vector": r"vector\b",
    "array": r"(array|to_array)\b",
    "span": r"(span|as_bytes|as_writable_bytes)\b",
    "optional": r"(optional|nullopt|make_optional)\b",
    "variant": r"(variant|visit|get_if|holds_alternative|monostate)\b",
    "memory": r"(unique_ptr|shared_ptr|weak_ptr|make_unique|make_shared)\b",
    "functional": r"(function|hash|less|greater|plus|multiplies|ref|cref|invoke)\b",
    "map": r"(map|multimap)\b",
    "set": r"(set|multiset)\b",
    "unordered_map": r"unordered_map\b",
    "deque": r"deque\b",
    "utility map": r"pair\b",
    "utility": r"(move|forward|swap|exchange|as_const)" + CALL,
    "tuple": r"(tuple|tie|make_tuple|apply)\b",
    "stdexcept": r"(runtime_error|invalid_argument|out_of_range|logic_error|length_error|domain_error)\b",
    "exception stdexcept": r"(exception|exception_ptr|current_exception|rethrow_exception|terminate)\b",
    "system_error filesystem": r"(error_code|system_error|errc|generic_category)\b",
    "limits": r"numeric_limits\b",
    "chrono": r"chrono\b",
    "thread": r"(thread|jthread|this_thread)\b",
    "mutex": r"(mutex|lock_guard|unique_lock|scoped_lock|once_flag|call_once)\b",
    "atomic": r"(atomic|atomic_flag|atomic_ref|memory_order\w*)\b",
    "condition_variable": r"condition_variable\b",
    "fstream": r"(ifstream|ofstream|fstream)\b",
    "sstream": r"(ostringstream|istringstream|stringstream)\b",
    "iostream": r"(cout|cerr|cin|clog)\b",
    "iomanip": r"(setw|setprecision|setfill|put_time|get_time|quoted)\b",
    "filesystem": r"filesystem\b",
    "complex": r"complex\b",
    "numbers": r"numbers\b",
    "bit": r"(bit_cast|popcount|countl_zero|countr_zero|bit_width|bit_ceil|endian|rotl|rotr)\b",
    "charconv": r"(from_chars|to_chars|chars_format)\b",
    "regex": r"(regex|regex_\w+|smatch|cmatch)\b",
    "random": r"(mt19937|mt19937_64|uniform_real_distribution|uniform_int_distribution|normal_distribution)\b",
    "concepts": r"(same_as|convertible_to|integral|floating_point|invocable|unsigned_integral|derived_from)\b",
    "type_traits": r"(is_same_v|is_integral_v|is_floating_point_v|decay_t|remove_cvref_t|conditional_t|invoke_result_t|"
                   r"is_trivially_copyable_v|is_arithmetic_v|underlying_type_t|is_signed_v|is_unsigned_v)\b",
    "source_location": r"source_location\b",
    "ctime": r"(time_t|tm|gmtime|localtime|strftime|mktime)\b",
}
NAMES = [(headers.split(), re.compile(r"\bstd::(?:ranges::)?" + names)) for headers, names in HEADERS.items()]
SYSTEM = re.compile(r"#\s*include\s*<([\w/.+]+)>")
OURS = re.compile(r'#\s*include\s*"([^"]+)"')
NOT_CODE = re.compile(r'//[^\n]*|"(?:\\.|[^"\\\n])*"')


@functools.cache
def text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def headers_of(path, seen):
    """The standard headers that `path` and our headers below it name."""
    if path in seen:
        return set()
    seen.add(path)
    found = {f"c{name[:-2]}" if name.endswith(".h") else name for name in SYSTEM.findall(text(path))}
    for name in OURS.findall(text(path)):
        for place in (name, os.path.join(os.path.dirname(path), name), f"tests/{name}", f"tests/gpu/{name}"):
            if os.path.exists(place):
                found |= headers_of(place, seen)
                break
    return found


def main():
    os.chdir(sys.argv[1])
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=False).stdout.split()
    paths = [path for path in listed if path.endswith((".h", ".cpp", ".cu")) and os.path.exists(path)]
    if not paths:
        print("includes: skipped, this is no clone")
        return 0
    missing = 0
    for path in paths:
        has, code = headers_of(path, set()), NOT_CODE.sub("", text(path))
        for headers, names in NAMES:
            use = None if has.intersection(headers) else names.search(code)
            if use:
                print(f"{path}: {use.group(0).rstrip(' (')} needs #include <{headers[0]}>")
                missing += 1
    if missing:
        print(f"rule broken: {missing} headers of the standard library are missing")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
