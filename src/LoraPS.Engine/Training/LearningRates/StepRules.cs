using System.Globalization;

namespace LoraPS.Engine.Training.LearningRates;

/// <summary>Factors that hold up to a step each, and a last one.</summary>
public sealed class StepRules
{
    private readonly List<(int End, double Factor)> _rules;
    private readonly double _last;

    private StepRules(List<(int End, double Factor)> rules, double last) => (_rules, _last) = (rules, last);

    /// <summary>Reads rules.</summary>
    /// <param name="text">Such as "1:10,0.1:20,0.05": 1 in the first ten steps, 0.1 up to the twentieth, 0.05 from there on.</param>
    /// <exception cref="ArgumentException">It is not of this form.</exception>
    public static StepRules Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var rules = parts[..^1].Select(part => part.Split(':') is [var factor, var end] && TryFactor(factor, out var number)
            && int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? (End: step, Factor: number) : (End: -1, Factor: 0)).ToList();
        if (!TryFactor(parts[^1], out var last) || rules.Any(rule => rule.End < 0))
            throw new ArgumentException($"'{text}' are no rules for steps: they must be factor:step, parted by commas, and a last factor, such as 1:10,0.1:20,0.05.");
        return new([.. rules.OrderBy(rule => rule.End)], last);
    }

    /// <summary>The factor of a step.</summary>
    /// <param name="step">Steps done before.</param>
    public double Factor(int step)
    {
        foreach (var (end, factor) in _rules)
        {
            if (step < end)
                return factor;
        }

        return _last;
    }

    private static bool TryFactor(string text, out double factor) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out factor) && factor >= 0 && double.IsFinite(factor);
}
