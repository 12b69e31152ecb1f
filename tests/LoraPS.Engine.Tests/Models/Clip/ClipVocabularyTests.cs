using System.IO.Compression;
using System.Text;
using LoraPS.Engine.Models.Clip;

namespace LoraPS.Engine.Tests.Models.Clip;

public sealed class ClipVocabularyTests : IDisposable
{
    private readonly TokenizerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_list_of_merges_gives_ids_by_order()
    {
        var vocabulary = ClipVocabulary.Load(WriteMerges("c a", "ca t</w>"));
        Assert.Equal(
            [0, 255, 256, 512, 513, 49406, 49407],
            ((string[])["!", "\u0143", "!</w>", "ca", "cat</w>", "<|startoftext|>", "<|endoftext|>"]).Select(token => vocabulary.Ids[token]));
        Assert.Equal([513, 512, 'b' - '!' + 256], new ClipTokenizer(vocabulary).Encode("cat cab"));
    }

    [Fact]
    public void Merges_that_the_original_never_used_are_left_out()
    {
        var vocabulary = ClipVocabulary.Load(WriteMerges("c a"));
        File.AppendAllText(Path.Combine(_folder.Path, "merges.list"), "not a merge\n");
        Assert.Equal(vocabulary.Ids, ClipVocabulary.Load(Path.Combine(_folder.Path, "merges.list")).Ids);
        Assert.Equal((48894, 49408), (vocabulary.Merges.Count, vocabulary.Size));
    }

    [Fact]
    public void A_packed_list_equals_a_plain_one()
    {
        var plain = WriteMerges("c a", "ca t</w>");
        var packed = Pack(plain);
        Assert.Equal(ClipVocabulary.Load(plain).Ids, ClipVocabulary.Load(packed).Ids);
        Assert.Equal(ClipVocabulary.Load(plain).Merges, ClipVocabulary.Load(packed).Merges);
    }

    [Fact]
    public void A_list_that_is_cut_short_is_refused()
    {
        var list = WriteMerges("c a");
        var packed = Pack(list);
        File.WriteAllLines(list, File.ReadAllLines(list)[..1000]);
        AssertBroken(list, list, null, "999 of the 48894");
        File.WriteAllBytes(packed, File.ReadAllBytes(packed)[..1000]);
        Assert.Throws<TokenizerFormatException>(() => ClipVocabulary.Load(packed));
    }

    [Fact]
    public void Merges_txt_that_is_cut_short_is_refused()
    {
        var folder = _folder.AddVocabulary("broken");
        var merges = Path.Combine(folder, "merges.txt");
        File.WriteAllLines(merges, File.ReadAllLines(merges)[..^3]);
        AssertBroken(folder, merges, null, "cut short");
    }

    [Fact]
    public void A_folder_and_the_vocab_json_in_it_are_the_same_vocabulary()
    {
        var folder = ClipVocabulary.Load(TokenizerFolder.Vocabulary);
        var file = ClipVocabulary.Load(Path.Combine(TokenizerFolder.Vocabulary, "vocab.json"));
        Assert.Equal(folder.Ids, file.Ids);
        Assert.Equal(folder.Merges, file.Merges);
        Assert.Equal(File.ReadAllLines(Path.Combine(TokenizerFolder.Vocabulary, "merges.txt"))[1..], file.Merges);
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("nowhere", Assert.Throws<FileNotFoundException>(() => ClipVocabulary.Load(Path.Combine(_folder.Path, "nowhere"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("header\nc a\nc\n", 3, "\"c\"")]
    [InlineData("header\nc  a\n", 2, "\"c  a\"")]
    [InlineData("header\nca t\n", 2, "\"ca\"")]
    [InlineData("header\n\u0001\u0002 \u0003\u0004 5\n", 2, "not text")]
    [InlineData("header\nc a\n\nc a\n", 4, "\"ca\"")]
    public void A_bad_line_in_a_list_of_merges_is_named(string content, int line, string found) =>
        AssertBroken(_folder.Write("merges.list", content), _folder.Path + "/merges.list", line, found);

    [Fact]
    public void Merges_that_do_not_fit_the_vocabulary_are_named_by_line()
    {
        var folder = _folder.AddVocabulary("broken");
        var merges = Path.Combine(folder, "merges.txt");
        var lines = File.ReadAllLines(merges);
        lines[4] = "q x";
        File.WriteAllLines(merges, lines);
        AssertBroken(folder, merges, 5, "\"qx\"");
        lines[4] = lines[1];
        File.WriteAllLines(merges, lines);
        AssertBroken(folder, merges, 5, "line 2");
    }

    [Theory]
    [InlineData("{\n \"a\": 0,\n \"b\": }", 3, "JSON")]
    [InlineData("{\n \"a\": \"0\" }", 2, "whole numbers")]
    [InlineData("{ \"a\": 0,\n \"a\": 1 }", null, "JSON")]
    [InlineData("{}", null, "514 tokens")]
    [InlineData("null", null, "514 tokens")]
    public void A_bad_vocab_json_is_named(string content, int? line, string found)
    {
        var folder = _folder.AddVocabulary("broken");
        var ids = Path.Combine(folder, "vocab.json");
        File.WriteAllText(ids, content);
        AssertBroken(folder, ids, line, found);
    }

    [Theory]
    [InlineData("\"<|endoftext|>\":49407", "\"<|end|>\":49407", "<|endoftext|>")]
    [InlineData("\"<|endoftext|>\":49407", "\"<|endoftext|>\":49406", "same id, 49406")]
    [InlineData("\"<|endoftext|>\":49407", "\"<|endoftext|>\":-1", "negative")]
    public void Ids_that_cannot_be_right_are_refused(string old, string changed, string found)
    {
        var folder = _folder.AddVocabulary("broken");
        var ids = Path.Combine(folder, "vocab.json");
        var json = File.ReadAllText(ids);
        Assert.Contains(old, json, StringComparison.Ordinal);
        File.WriteAllText(ids, json.Replace(old, changed, StringComparison.Ordinal));
        AssertBroken(folder, ids, null, found);
    }

    [Fact]
    public void Damaged_packed_data_are_refused()
    {
        var packed = Path.Combine(_folder.Path, "damaged.gz");
        File.WriteAllBytes(packed, [0x1f, 0x8b, .. Encoding.ASCII.GetBytes("nothing that gzip wrote")]);
        AssertBroken(packed, packed, null, "damaged");
    }

    /// <summary>Writes a full list: a header, the merges given, and as many pairs of letters beyond ASCII as are missing.</summary>
    private string WriteMerges(params string[] merges)
    {
        char[] letters = [.. Enumerable.Range(0xa1, 0x144 - 0xa1).Where(c => c != 0xad).Select(c => (char)c)];
        var others = letters.SelectMany(left => letters.SelectMany(right => (string[])[$"{left} {right}", $"{left} {right}</w>"]));
        return _folder.Write("merges.list", string.Join('\n', ["header", .. merges.Concat(others).Take(48894), ""]));
    }

    private static string Pack(string path)
    {
        using var gzip = new GZipStream(File.Create(path + ".gz"), CompressionLevel.Fastest);
        gzip.Write(File.ReadAllBytes(path));
        return path + ".gz";
    }

    private static void AssertBroken(string path, string file, int? line, string found)
    {
        var error = Assert.Throws<TokenizerFormatException>(() => ClipVocabulary.Load(path));
        Assert.Equal(("InvalidTokenizer", Path.GetFullPath(file), (object?)Path.GetFullPath(file)), (error.ErrorId, Path.GetFullPath(error.Path), error.Target));
        if (line is not null)
            Assert.Contains($"line {line}:", error.Message, StringComparison.Ordinal);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
    }
}
