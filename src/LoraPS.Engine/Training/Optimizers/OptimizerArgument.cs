using System.Globalization;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>A setting of an optimizer that is given as <c>name=value</c>.</summary>
/// <remarks>Values are written as Python writes them, as for sd-scripts' <c>--optimizer_args</c>; brackets round a pair may be left out, and any case does for True, False and None.</remarks>
public sealed class OptimizerArgument
{
    private readonly Func<string, object?> _read;

    private OptimizerArgument(string name, object? standard, string accepted, Func<string, object?> read)
    {
        (Name, Default, Accepted) = (name, standard, accepted);
        _read = read;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its value where none is given: a number, a pair of numbers, true or false, or null for none.</summary>
    public object? Default { get; }

    /// <summary>What it accepts, in words.</summary>
    public string Accepted { get; }

    /// <summary>A number.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="standard">Its default.</param>
    /// <param name="least">The smallest that is accepted.</param>
    /// <param name="above">If given, it must be larger than this.</param>
    internal static OptimizerArgument Number(string name, double standard, double least = 0, double? above = null) => new(
        name,
        standard,
        above is { } limit ? FormattableString.Invariant($"a number above {limit}") : double.IsInfinity(least) ? "a number" : FormattableString.Invariant($"a number of at least {least}"),
        text => Range(Read(text), number => above is { } limit ? number > limit : number >= least));

    /// <summary>A number of at least 0 and below 1.</summary>
    internal static OptimizerArgument Share(string name, double standard) => new(name, standard, ShareText, text => Range(Read(text), IsShare));

    /// <summary>A number of at least 0 and below 1, or None, which is the default.</summary>
    internal static OptimizerArgument OptionalShare(string name) => new(
        name, null, $"{ShareText}, or None", text => text.Equals("None", StringComparison.OrdinalIgnoreCase) ? null : Range(Read(text), IsShare));

    /// <summary>Two numbers of at least 0 and below 1.</summary>
    internal static OptimizerArgument Shares(string name, double first, double second) =>
        new(name, (first, second), $"two numbers, each {ShareText}, such as ({first}, {second})", text => Pair(text, IsShare));

    /// <summary>Two numbers of at least 0.</summary>
    internal static OptimizerArgument Numbers(string name, double first, double second) =>
        new(name, (first, second), "two numbers of at least 0", text => Pair(text, number => number >= 0));

    /// <summary>Yes or no.</summary>
    internal static OptimizerArgument Flag(string name, bool standard) => new(name, standard, "True or False", text => bool.Parse(text));

    /// <summary>Reads a value.</summary>
    /// <param name="optimizer">The optimizer's name, for the message.</param>
    /// <param name="text">The value as text.</param>
    /// <exception cref="ArgumentException">It is none of those that are accepted.</exception>
    internal object? Read(string optimizer, string text)
    {
        try
        {
            return _read(text);
        }
        catch (FormatException)
        {
            throw new ArgumentException($"{optimizer}'s argument {Name} accepts {Accepted}, not '{text}'.");
        }
    }

    private const string ShareText = "a number of at least 0 and below 1";

    private static bool IsShare(double number) => number is >= 0 and < 1;

    private static double Read(string text) =>
        text is "inf" ? double.PositiveInfinity : double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static double Range(double number, Func<double, bool> accepted) => accepted(number) ? number : throw new FormatException();

    private static (double First, double Second) Pair(string text, Func<double, bool> accepted)
    {
        var parts = text.Trim('(', ')', '[', ']').Split(',', StringSplitOptions.TrimEntries);
        return parts.Length == 2 ? (Range(Read(parts[0]), accepted), Range(Read(parts[1]), accepted)) : throw new FormatException();
    }
}
