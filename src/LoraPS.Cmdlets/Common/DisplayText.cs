using System.Globalization;

namespace LoraPS.Cmdlets.Common;

/// <summary>Numbers as the format views show them.</summary>
public static class DisplayText
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    /// <summary>"9.1 MB": bytes in the largest unit that leaves at least 1, by steps of 1024.</summary>
    /// <param name="bytes">Bytes.</param>
    public static string Size(long bytes)
    {
        double value = bytes;
        var unit = 0;
        for (; value >= 1024 && unit < Units.Length - 1; unit++)
            value /= 1024;
        return string.Create(CultureInfo.CurrentCulture, $"{value:0.#} {Units[unit]}");
    }

    /// <summary>"0.84 s", "2:05" or "1:02:05": short times with their fractions, long ones without.</summary>
    /// <param name="time">A time, not negative.</param>
    public static string Duration(TimeSpan time) => time.TotalSeconds < 60
        ? string.Create(CultureInfo.CurrentCulture, $"{time.TotalSeconds:0.##} s")
        : time.ToString(time.TotalHours < 1 ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);
}
