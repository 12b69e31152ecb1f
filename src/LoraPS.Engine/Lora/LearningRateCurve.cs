using System.Globalization;

namespace LoraPS.Engine.Lora;

/// <summary>Reads the learning rate weights of one part of the U-Net: a list, or the name of a curve.</summary>
/// <remarks>
/// Follows get_block_lr_weight in sd-scripts networks/lora.py@48d368fa: over n blocks, i = 0 … n - 1, sine is sin(π/2 · i/(n - 1)),
/// linear is i/(n - 1), cosine and reverse_linear are these from the other end, and zeros is 0; "sine+0.25" adds 0.25 to each.
/// </remarks>
internal static class LearningRateCurve
{
    private static readonly Dictionary<string, Func<double, double>> Curves = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sine"] = Sine,
        ["cosine"] = place => Sine(1 - place),
        ["linear"] = place => place,
        ["reverse_linear"] = place => 1 - place,
        ["zeros"] = _ => 0,
    };

    /// <summary>Reads the text of an option.</summary>
    /// <param name="text">Numbers between commas, an empty place being 0; or a curve, perhaps with "+" and a number.</param>
    /// <param name="blocks">How many weights a curve has; 1 takes a single number too.</param>
    /// <param name="option">Name of the option, for the message.</param>
    /// <exception cref="ArgumentException">The text is neither.</exception>
    public static IReadOnlyList<double> Parse(string text, int blocks, string option)
    {
        if (text.Contains(',', StringComparison.Ordinal) || (blocks == 1 && TryNumber(text, out _)))
            return [.. text.Split(',').Select(part => Number(part, text, option))];
        var (name, offset) = text.Split('+') is [var curve, var added] ? (curve, Number(added, text, option)) : (text, 0);
        return Curves.TryGetValue(name.Trim(), out var shape)
            ? [.. Enumerable.Range(0, blocks).Select(i => shape(blocks == 1 ? 0 : i / (blocks - 1.0)) + offset)]
            : throw NotUnderstood(text, blocks, option);
    }

    private static double Sine(double place) => Math.Sin(Math.PI * place / 2);

    private static double Number(string part, string text, string option) =>
        string.IsNullOrWhiteSpace(part) ? 0
        : TryNumber(part, out var number) ? number
        : throw new ArgumentException($"'{part.Trim()}' in {option} '{text}' is not a number.", option);

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static ArgumentException NotUnderstood(string text, int blocks, string option) => new(
        $"{option} '{text}' is neither a list of {blocks} numbers between commas nor one of the curves {string.Join(", ", Curves.Keys)}, which may be followed by '+' and a number.",
        option);
}
