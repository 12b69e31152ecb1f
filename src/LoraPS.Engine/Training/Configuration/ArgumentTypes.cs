using System.Globalization;
using LoraPS.Engine.Data;
using LoraPS.Engine.Data.Configuration;

namespace LoraPS.Engine.Training.Configuration;

/// <summary>The kinds of values that only the command line has.</summary>
internal static class ArgumentTypes
{
    /// <summary>A list of texts; one text alone is a list of one.</summary>
    public static ConfigType<IReadOnlyList<string>> Texts { get; } = new("a list of texts", AreTexts);

    /// <summary>A number, or a list whose first number counts.</summary>
    public static ConfigType<double> FirstNumber { get; } = new("a number", IsFirstNumber);

    /// <summary>Numbers, one or a list.</summary>
    public static ConfigType<IReadOnlyList<double>> Numbers { get; } = new("a list of numbers", AreNumbers);

    /// <summary>Steps, a share of all steps below 1, or a share as "10%".</summary>
    public static ConfigType<double> Steps { get; } = new("a number of steps, a share below 1, or a text such as \"10%\"", AreSteps);

    /// <summary>One side of a square, "width,height", or [width, height].</summary>
    public static ConfigType<ImageSize> Size { get; } = new("512, \"768,512\" or [768, 512]", IsSize);

    /// <summary>A whole number of any size.</summary>
    public static ConfigType<long> Long { get; } = new("a whole number", (object? content, out long value) =>
    {
        value = content as long? ?? 0;
        return content is long;
    });

    /// <summary>A name without folders, so that a file goes where the folder says.</summary>
    public static ConfigType<string> FileName { get; } = new("a name without folders", (object? content, out string value) =>
    {
        value = content as string ?? "";
        return value.Length > 0 && value is not ("." or "..") && value.IndexOfAny(['/', '\\', '\0', ':']) < 0;
    });

    /// <summary>One of several names.</summary>
    /// <param name="names">What each name means.</param>
    public static ConfigType<T> OneOf<T>(params (string Name, T Value)[] names) => new(
        "one of " + string.Join(", ", names.Select(name => $"\"{name.Name}\"")),
        (object? content, out T value) =>
        {
            var found = names.Where(name => name.Name.Equals(content as string, StringComparison.OrdinalIgnoreCase)).Take(1).ToList();
            value = found.Count == 1 ? found[0].Value : default!;
            return found.Count == 1;
        });

    private static bool AreTexts(object? content, out IReadOnlyList<string> value)
    {
        value = content is string one ? [one] : (content as List<ConfigValue>)?.Select(item => item.Content as string ?? item.Text).ToList() ?? [];
        return content is string or List<ConfigValue>;
    }

    private static bool IsFirstNumber(object? content, out double value) =>
        ConfigTypes.Number.Read(content is List<ConfigValue> { Count: > 0 } list ? list[0].Content : content, out value);

    private static bool AreNumbers(object? content, out IReadOnlyList<double> value)
    {
        var numbers = new List<double>();
        value = numbers;
        foreach (var item in content is List<ConfigValue> list ? list.Select(item => item.Content) : [content])
        {
            if (!ConfigTypes.Number.Read(item, out var number))
                return false;
            numbers.Add(number);
        }

        return true;
    }

    private static bool AreSteps(object? content, out double value)
    {
        if (content is not string text)
            return ConfigTypes.Number.Read(content, out value);
        var isShare = text.EndsWith('%');
        var fits = double.TryParse(isShare ? text[..^1] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
        value = isShare ? value / 100 : value;
        return fits;
    }

    private static bool IsSize(object? content, out ImageSize value)
    {
        if (content is not string text)
            return ConfigTypes.Size.Read(content, out value);
        var sides = text.Split(',', StringSplitOptions.TrimEntries).Select(side => int.TryParse(side, CultureInfo.InvariantCulture, out var number) ? number : 0).ToList();
        value = sides.Count is 1 or 2 ? new ImageSize(sides[0], sides[^1]) : default;
        return value.Width > 0 && value.Height > 0;
    }
}
