using System.Globalization;

namespace LoraPS.Engine.Formats;

/// <summary>Writes values as Python prints them: the form in which metadata of LoRA files is read everywhere.</summary>
public static class PythonText
{
    /// <summary>null is None, true is True, 1.0 is 1.0 and 1e-5 is 1e-05; text stays as it is.</summary>
    /// <exception cref="ArgumentException">The type has no such form.</exception>
    public static string Of(object? value) => value switch
    {
        null => "None",
        string text => text,
        bool flag => flag ? "True" : "False",
        float number => OfDouble(double.Parse(number.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)),
        double number => OfDouble(number),
        int or long => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"{value.GetType().Name} has no form in metadata.", nameof(value)),
    };

    private static string OfDouble(double number)
    {
        if (!double.IsFinite(number))
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        var text = number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        return text.Contains('.', StringComparison.Ordinal) || text.Contains('e', StringComparison.Ordinal) ? text : text + ".0";
    }
}
