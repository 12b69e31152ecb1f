using System.Globalization;

namespace LoraPS.Engine.Reports.Html;

/// <summary>Numbers in words that are easy to read.</summary>
public static class Figures
{
    private const double SmallestPlain = 1e-3;
    private const double LargestPlain = 1e6;
    private const int SignificantDigits = 4;

    private static readonly string[] ByteUnits = ["B", "KB", "MB", "GB", "TB"];

    /// <summary>"9.1 MB": bytes in the largest unit that leaves at least 1, by steps of 1024.</summary>
    /// <param name="bytes">Bytes.</param>
    /// <param name="culture">Whose decimal point it has; null is every culture's.</param>
    public static string Bytes(long bytes, CultureInfo? culture = null)
    {
        double value = bytes;
        var unit = 0;
        for (; value >= 1024 && unit < ByteUnits.Length - 1; unit++)
            value /= 1024;
        return string.Create(culture ?? CultureInfo.InvariantCulture, $"{value:0.#} {ByteUnits[unit]}");
    }

    /// <summary>"0.1234", "1.2e-5": four significant digits.</summary>
    public static string Number(double value)
    {
        if (double.IsNaN(value))
            return "NaN";
        var size = Math.Abs(value);
        if (size is 0 || double.IsInfinity(value))
            return value.ToString(CultureInfo.InvariantCulture);
        if (size is < SmallestPlain or >= LargestPlain)
            return value.ToString("0.###e0", CultureInfo.InvariantCulture);
        var decimals = Math.Clamp(SignificantDigits - 1 - (int)Math.Floor(Math.Log10(size)), 0, 6);
        return Math.Round(value, decimals).ToString("0.######", CultureInfo.InvariantCulture);
    }

    /// <summary>"0.123", "12.3": three digits, zeros at the end kept, so that numbers stand under each other.</summary>
    public static string Compact(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 0.001 or >= 10000 => value.ToString("0.0e0", CultureInfo.InvariantCulture),
        < 1 => value.ToString("0.000", CultureInfo.InvariantCulture),
        < 10 => value.ToString("0.00", CultureInfo.InvariantCulture),
        < 100 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0", CultureInfo.InvariantCulture),
    };

    /// <summary>"1,600".</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"12.3 %": three digits, zeros at the end kept.</summary>
    public static string Percent(double share) => $"{Compact(share * 100)} %";

    /// <summary>"0.8 s", "2 min 5 s", "1 h 2 min".</summary>
    public static string Duration(double seconds)
    {
        if (!(seconds >= 0))
            return "";
        if (seconds < 60)
            return string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s");
        var whole = TimeSpan.FromSeconds(Math.Round(seconds));
        return whole.TotalHours < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{whole.Minutes} min {whole.Seconds} s")
            : string.Create(CultureInfo.InvariantCulture, $"{(long)whole.TotalHours} h {whole.Minutes} min");
    }

    /// <summary>"1 picture", "2 pictures".</summary>
    public static string Plural(long count, string one, string? many = null) => $"{Count(count)} {(count == 1 ? one : many ?? one + "s")}";
}
