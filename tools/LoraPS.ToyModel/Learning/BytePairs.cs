using LoraPS.Engine.Models.Clip;

namespace LoraPS.ToyModel.Learning;

/// <summary>Finds the pairs of a byte-pair vocabulary in captions.</summary>
/// <remarks>
/// Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword units" (ACL 2016), as CLIP does it: the
/// last letter of a word carries a mark. The most frequent pair is merged, the first in ordinal order where several are, until
/// every word is one token.
/// </remarks>
public static class BytePairs
{
    /// <summary>Learns merges.</summary>
    /// <param name="captions">Texts of lower-case Latin words.</param>
    /// <returns>Pairs with one space between, the first to merge first.</returns>
    public static IReadOnlyList<string> Learn(IEnumerable<string> captions)
    {
        ArgumentNullException.ThrowIfNull(captions);
        var words = captions.SelectMany(caption => caption.Split(' ')).CountBy(word => word)
            .Select(word => (Tokens: Letters(word.Key), Count: word.Value)).ToList();
        var merges = new List<string>();
        while (Best(words) is { } pair)
        {
            merges.Add($"{pair.First} {pair.Second}");
            words = [.. words.Select(word => (Merge(word.Tokens, pair.First, pair.Second), word.Count))];
        }

        return merges;
    }

    private static List<string> Letters(string word) => [.. word[..^1].Select(letter => letter.ToString()), word[^1] + ClipVocabulary.WordEnd];

    private static (string First, string Second)? Best(List<(List<string> Tokens, int Count)> words) => words
        .SelectMany(word => word.Tokens.Zip(word.Tokens.Skip(1), (first, second) => (Pair: (First: first, Second: second), word.Count)))
        .GroupBy(found => found.Pair, (pair, found) => (Pair: ((string First, string Second)?)pair, Count: found.Sum(one => one.Count)))
        .OrderByDescending(found => found.Count).ThenBy(found => $"{found.Pair}", StringComparer.Ordinal)
        .Select(found => found.Pair).FirstOrDefault();

    private static List<string> Merge(List<string> tokens, string first, string second)
    {
        var merged = new List<string>();
        for (var i = 0; i < tokens.Count; i++)
        {
            var isPair = i + 1 < tokens.Count && tokens[i] == first && tokens[i + 1] == second;
            merged.Add(isPair ? first + second : tokens[i]);
            i += isPair ? 1 : 0;
        }

        return merged;
    }
}
