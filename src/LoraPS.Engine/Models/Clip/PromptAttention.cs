using System.Globalization;
using System.Text.RegularExpressions;

namespace LoraPS.Engine.Models.Clip;

/// <summary>Reads how much the parts of a text are to count.</summary>
/// <remarks>
/// <c>(text)</c> counts 1.1 times, <c>(text:1.3)</c> 1.3 times, <c>[text]</c> 1/1.1 times; brackets in brackets are multiplied, and one that
/// is never closed reaches to the end. A backslash before a bracket or a backslash makes it text. Follows parse_prompt_attention
/// in sd-scripts library/strategy_base.py@48d368fa, and so AUTOMATIC1111's web UI.
/// </remarks>
public static partial class PromptAttention
{
    private const double Round = 1.1;
    private const double Square = 1 / 1.1;

    /// <summary>Brackets that may be open at once; further ones are text, so that no text takes long.</summary>
    private const int MaxDepth = 64;

    /// <summary>Where weights end, so that they stay numbers.</summary>
    private const double MaxWeight = 1e6;

    /// <summary>Splits a text into parts of one weight.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The parts in order, at least one; neighbours differ in weight.</returns>
    public static IReadOnlyList<(string Text, double Weight)> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<(string Text, double Weight)> parts = [];
        Stack<int> round = new(), square = new();
        foreach (Match match in Piece().Matches(text))
        {
            switch (match.Value)
            {
                case "(" when round.Count < MaxDepth:
                    round.Push(parts.Count);
                    break;
                case "[" when square.Count < MaxDepth:
                    square.Push(parts.Count);
                    break;
                case ")" when round.Count > 0:
                    Multiply(parts, round.Pop(), Round);
                    break;
                case "]" when square.Count > 0:
                    Multiply(parts, square.Pop(), Square);
                    break;
                case var value when round.Count > 0 && TryWeight(match, out var weight):
                    Multiply(parts, round.Pop(), weight);
                    break;
                case var value:
                    parts.Add((value.StartsWith('\\') ? value[1..] : value, 1));
                    break;
            }
        }

        foreach (var start in round)
            Multiply(parts, start, Round);
        foreach (var start in square)
            Multiply(parts, start, Square);
        return Merge(parts);
    }

    private static bool TryWeight(Match match, out double weight)
    {
        weight = 0;
        return match.Groups[1].Success && double.TryParse(match.Groups[1].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out weight);
    }

    private static void Multiply(List<(string Text, double Weight)> parts, int start, double factor)
    {
        for (var i = start; i < parts.Count; i++)
            parts[i] = (parts[i].Text, Math.Clamp(parts[i].Weight * factor, -MaxWeight, MaxWeight));
    }

    private static List<(string Text, double Weight)> Merge(List<(string Text, double Weight)> parts)
    {
        List<(string Text, double Weight)> merged = [];
        for (int first = 0, next; first < parts.Count; first = next)
        {
            for (next = first + 1; next < parts.Count && parts[next].Weight == parts[first].Weight; next++)
            {
            }

            merged.Add((string.Concat(parts[first..next].Select(part => part.Text)), parts[first].Weight));
        }

        return merged.Count > 0 ? merged : [("", 1)];
    }

    /// <summary>A backslash with what it makes text, a bracket, a weight with the bracket that ends it, or a run of other text.</summary>
    [GeneratedRegex(@"\\[()\[\]\\]?|[()\[\]]|:([+-]?[.0-9]+)\)|[^\\()\[\]:]+|:")]
    private static partial Regex Piece();
}
