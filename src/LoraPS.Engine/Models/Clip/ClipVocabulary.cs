namespace LoraPS.Engine.Models.Clip;

/// <summary>CLIP's tokens with their ids, and the pairs that are merged into them.</summary>
/// <remarks>
/// Tokens are written as OpenAI's CLIP writes them (clip/simple_tokenizer.py@d05afc4): one printable character stands for
/// each byte of UTF-8, and "&lt;/w&gt;" ends a word.
/// </remarks>
public sealed class ClipVocabulary
{
    /// <summary>The token that begins a text.</summary>
    public const string BeginToken = "<|startoftext|>";

    /// <summary>The token that ends a text.</summary>
    public const string EndToken = "<|endoftext|>";

    /// <summary>What the last token of a word ends in.</summary>
    public const string WordEnd = "</w>";

    /// <summary>File of tokens and ids in a tokenizer folder.</summary>
    internal const string IdsFile = "vocab.json";

    /// <summary>File of merges in a tokenizer folder.</summary>
    internal const string MergesFile = "merges.txt";

    /// <summary>Merges of the full vocabulary; the original list goes on with merges that were never used.</summary>
    internal const int MergeCount = 49152 - 256 - 2;

    /// <summary>Takes checked tokens and merges.</summary>
    /// <param name="ids">Every token and its id.</param>
    /// <param name="merges">Pairs, first to merge first.</param>
    internal ClipVocabulary(IReadOnlyDictionary<string, int> ids, IReadOnlyList<string> merges)
    {
        (Ids, Merges) = (ids, merges);
        (BeginId, EndId, Size) = (ids[BeginToken], ids[EndToken], ids.Values.Max() + 1);
    }

    /// <summary>Every token and its id.</summary>
    public IReadOnlyDictionary<string, int> Ids { get; }

    /// <summary>Pairs of tokens with one space between, the first to merge first.</summary>
    public IReadOnlyList<string> Merges { get; }

    /// <summary>Id of <see cref="BeginToken"/>.</summary>
    public int BeginId { get; }

    /// <summary>Id of <see cref="EndToken"/>.</summary>
    public int EndId { get; }

    /// <summary>The highest id plus one.</summary>
    public int Size { get; }

    /// <summary>The 512 tokens every vocabulary begins with: each byte inside a word, then each byte at the end of one.</summary>
    public static IReadOnlyList<string> ByteTokens { get; } = MakeByteTokens();

    /// <summary>Reads a vocabulary.</summary>
    /// <param name="path">
    /// A folder with vocab.json and merges.txt, such a vocab.json, or the original list of merges
    /// (bpe_simple_vocab_16e6.txt, packed by gzip or not).
    /// </param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="TokenizerFormatException">A file is not what it should be.</exception>
    public static ClipVocabulary Load(string path) => FilesAt(path) is [var ids, var merges]
        ? VocabularyReader.ReadPair(ids, merges)
        : VocabularyReader.ReadMergeList(path);

    /// <summary>The files that make up the vocabulary at a path, there or not: ids and merges, or the list of merges alone.</summary>
    internal static IReadOnlyList<string> FilesAt(string path)
    {
        if (Directory.Exists(path))
            return [Path.Combine(path, IdsFile), Path.Combine(path, MergesFile)];
        return Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase)
            ? [path, Path.Combine(Path.GetDirectoryName(path) ?? "", MergesFile)]
            : [path];
    }

    /// <summary>Printable bytes stand for themselves; the others, in order, for the characters from U+0100.</summary>
    private static string[] MakeByteTokens()
    {
        int[] printable = [.. Enumerable.Range('!', '~' - '!' + 1), .. Enumerable.Range('¡', '¬' - '¡' + 1), .. Enumerable.Range('®', 'ÿ' - '®' + 1)];
        string[] bytes = [.. printable.Concat(Enumerable.Range(256, 256 - printable.Length)).Select(c => ((char)c).ToString())];
        return [.. bytes, .. bytes.Select(b => b + WordEnd)];
    }
}
