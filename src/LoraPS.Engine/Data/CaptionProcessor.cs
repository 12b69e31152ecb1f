using System.Text.RegularExpressions;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data;

/// <summary>Turns the caption of a file into the caption of one draw.</summary>
/// <remarks>Follows sd-scripts 48d368fa, <c>library/train_util.py</c> BaseDataset.process_caption; random numbers are our own.</remarks>
public static partial class CaptionProcessor
{
    // Code points that Unicode keeps free of characters stand for doubled braces meanwhile.
    private const string LeftBrace = "\uFDD0";
    private const string RightBrace = "\uFDD1";

    /// <summary>The caption of one draw.</summary>
    /// <param name="caption">Caption file's text; lines parted by "\n".</param>
    /// <param name="options">What to do with it.</param>
    /// <param name="moment">When it is drawn.</param>
    /// <param name="random">Random numbers of this draw.</param>
    public static string Process(string caption, CaptionOptions options, CaptionMoment moment, CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(caption);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        if (IsDropped(options, moment, random))
            return "";
        var text = AddAffixes(caption, options);
        text = options.EnableWildcard ? DrawWildcards(text, random) : text.Split('\n')[0];
        if (options.Shuffle || options.TokenWarmupStep > 0 || options.TagDropoutRate > 0)
            text = DrawTags(text, options, moment, random);
        return string.IsNullOrEmpty(options.SecondarySeparator) ? text
            : text.Replace(options.SecondarySeparator, options.Separator, StringComparison.Ordinal);
    }

    private static bool IsDropped(CaptionOptions options, CaptionMoment moment, CounterRandom random) =>
        (options.DropoutRate > 0 && random.NextDouble() < options.DropoutRate)
        || (options.DropoutEveryNEpochs > 0 && moment.Epoch % options.DropoutEveryNEpochs == 0);

    private static string AddAffixes(string caption, CaptionOptions options)
    {
        var prefix = string.IsNullOrEmpty(options.Prefix) ? "" : options.Prefix + " ";
        var suffix = string.IsNullOrEmpty(options.Suffix) ? "" : " " + options.Suffix;
        return prefix + caption + suffix;
    }

    private static string DrawWildcards(string text, CounterRandom random)
    {
        var line = Draw(text.Split('\n'), random)
            .Replace("{{", LeftBrace, StringComparison.Ordinal)
            .Replace("}}", RightBrace, StringComparison.Ordinal);
        return Wildcard().Replace(line, match => Draw(match.Groups[1].Value.Split('|'), random))
            .Replace(LeftBrace, "{", StringComparison.Ordinal)
            .Replace(RightBrace, "}", StringComparison.Ordinal);
    }

    private static string Draw(string[] choices, CounterRandom random) =>
        choices.Length == 1 ? choices[0] : choices[random.NextInt(choices.Length)];

    private static string DrawTags(string text, CaptionOptions options, CaptionMoment moment, CounterRandom random)
    {
        var tags = CaptionTags.Parse(text, options);
        var free = tags.Free.Take(WarmupCount(tags.Free.Count, options, moment)).ToList();
        if (options.Shuffle)
            random.Shuffle(free);
        if (options.TagDropoutRate > 0)
            free.RemoveAll(_ => random.NextDouble() < options.TagDropoutRate);
        return string.Join(", ", [.. tags.KeptFront, .. free, .. tags.KeptEnd]);
    }

    private static int WarmupCount(int count, CaptionOptions options, CaptionMoment moment)
    {
        var steps = options.TokenWarmupStep < 1
            ? Math.Floor(options.TokenWarmupStep * moment.MaxTrainSteps)
            : options.TokenWarmupStep;
        return moment.Step >= steps ? count
            : (int)Math.Floor(moment.Step * ((count - options.TokenWarmupMin) / steps)) + options.TokenWarmupMin;
    }

    [GeneratedRegex(@"\{([^}]+)\}")]
    private static partial Regex Wildcard();
}
