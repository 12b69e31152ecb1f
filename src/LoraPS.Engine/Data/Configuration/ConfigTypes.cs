namespace LoraPS.Engine.Data.Configuration;

/// <summary>The kinds of values that options have.</summary>
internal static class ConfigTypes
{
    private static readonly Dictionary<string, ResizeInterpolation> Interpolations = new()
    {
        ["area"] = ResizeInterpolation.Area,
        ["lanczos"] = ResizeInterpolation.Lanczos,
        ["lanczos4"] = ResizeInterpolation.Lanczos,
        ["bilinear"] = ResizeInterpolation.Bilinear,
        ["linear"] = ResizeInterpolation.Bilinear,
        ["bicubic"] = ResizeInterpolation.Bicubic,
        ["cubic"] = ResizeInterpolation.Bicubic,
        ["nearest"] = ResizeInterpolation.Nearest,
        ["box"] = ResizeInterpolation.Box,
    };

    /// <summary>true or false.</summary>
    public static ConfigType<bool> Flag { get; } = new("true or false", Is);

    /// <summary>A whole number.</summary>
    public static ConfigType<int> Whole { get; } = new("a whole number", IsWhole);

    /// <summary>Any number.</summary>
    public static ConfigType<double> Number { get; } = new("a number", IsNumber);

    /// <summary>Text.</summary>
    public static ConfigType<string> Text { get; } = new("text", Is);

    /// <summary>A table of anything.</summary>
    public static ConfigType<ConfigTable> Table { get; } = new("a table", Is);

    /// <summary>A list of anything.</summary>
    public static ConfigType<List<ConfigValue>> List { get; } = new("a list", Is);

    /// <summary>One side of a square, or [width, height].</summary>
    public static ConfigType<ImageSize> Size { get; } = new("a whole number or [width, height]", IsSize);

    /// <summary>The name of an interpolation.</summary>
    public static ConfigType<ResizeInterpolation> Interpolation { get; } =
        new("one of " + string.Join(", ", Interpolations.Keys.Select(name => $"\"{name}\"")), IsInterpolation);

    private static bool Is<T>(object? content, out T value)
    {
        (var fits, value) = content is T typed ? (true, typed) : (false, default!);
        return fits;
    }

    private static bool IsWhole(object? content, out int value)
    {
        (var fits, value) = content is long and >= int.MinValue and <= int.MaxValue ? (true, (int)(long)content) : (false, 0);
        return fits;
    }

    private static bool IsNumber(object? content, out double value)
    {
        (var fits, value) = content switch
        {
            long whole => (true, whole),
            double number => (true, number),
            _ => (false, 0),
        };
        return fits;
    }

    private static bool IsSize(object? content, out ImageSize value)
    {
        value = default;
        if (IsWhole(content, out var side))
            value = new ImageSize(side, side);
        else if (content is List<ConfigValue> { Count: 2 } pair && IsWhole(pair[0].Content, out var width) && IsWhole(pair[1].Content, out var height))
            value = new ImageSize(width, height);
        else
            return false;
        return true;
    }

    private static bool IsInterpolation(object? content, out ResizeInterpolation value)
    {
        value = default;
        return content is string name && Interpolations.TryGetValue(name, out value);
    }
}
