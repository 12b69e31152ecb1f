using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LoraPS.Engine.Data.Configuration;

/// <summary>Writes values as TOML 1.0 has them.</summary>
internal static class TomlText
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text of a flag, a number, a text or a list of these.</summary>
    public static string Of(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        // A basic string of TOML escapes what JSON does, and in the same way.
        string text => JsonSerializer.Serialize(text, Relaxed),
        double number => OfDouble(number),
        IEnumerable list => $"[{string.Join(", ", list.Cast<object>().Select(Of))}]",
        IFormattable whole => whole.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"{value.GetType().Name} has no form in TOML.", nameof(value)),
    };

    /// <summary>A line with a key and its value, or nothing where the value is that of the defaults.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; null leaves the line out.</param>
    /// <param name="standard">The value that need not be written.</param>
    public static string Line(string key, object? value, object? standard)
    {
        var written = value is null ? null : Of(value);
        return written is null || (standard is not null && written == Of(standard)) ? "" : $"{key} = {written}\n";
    }

    // A float needs a point or an exponent, because it is a whole number otherwise.
    private static string OfDouble(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        return text.AsSpan().ContainsAny('.', 'e') ? text : text + ".0";
    }
}
