using LoraPS.Engine.Models.Clip;
using LoraPS.ModelMaker;
using LoraPS.ToyModel.Judging;
using LoraPS.ToyModel.Learning;
using LoraPS.ToyModel.World;
using SkiaSharp;

namespace LoraPS.Engine.Tests.ToyModel;

/// <summary>The world that the toy model learns, and the judge of its pictures: what is drawn is what is seen.</summary>
public class ToyWorldTests
{
    private static IReadOnlyList<ToyScene> Scenes { get; } = [.. Enumerable.Range(0, 300).Select(number => ToyWorld.Scene(seed: 7, number))];

    private static IReadOnlyList<Picture> Draw(IEnumerable<ToyScene> scenes)
    {
        using var pixels = ToyPictures.Paint([.. scenes.Select(scene => (Action<SKCanvas>)scene.Draw)]);
        return Picture.From(pixels);
    }

    [Fact]
    public void The_judge_sees_every_property_of_a_drawn_scene() => Assert.All(
        Draw(Scenes).Zip(Scenes), pair => Assert.True(SceneReading.Of(pair.First)?.Match(pair.Second).IsWhole, pair.Second.Caption));

    [Fact]
    public void Nothing_in_the_world_looks_like_a_zorb() =>
        Assert.All(Draw(Scenes).Zip(Scenes), pair => Assert.True(ZorbReading.Score(pair.First) < 0.05, pair.Second.Caption));

    [Fact]
    public void A_drawn_zorb_is_seen_as_one() => Assert.All(Draw(Zorb.Examples), picture => Assert.True(ZorbReading.Score(picture) > 0.95));

    [Fact]
    public void A_picture_of_the_background_alone_shows_nothing()
    {
        using var pixels = ToyPictures.Paint([canvas => canvas.Clear(ToyColour.Backgrounds[2].Value)]);
        var picture = Assert.Single(Picture.From(pixels));

        Assert.Null(SceneReading.Of(picture));
        Assert.Equal(0, ZorbReading.Score(picture));
    }

    [Fact]
    public void Scenes_follow_from_seed_and_number()
    {
        Assert.Equal(ToyWorld.Scene(seed: 7, 5), Scenes[5]);
        Assert.NotEqual(ToyWorld.Scene(seed: 8, 5), Scenes[5]);
    }

    [Theory]
    [InlineData("white", "", "", "a zorb on a white background")]
    [InlineData("navy", "large", "on the left", "a large zorb on the left on a navy background")]
    public void Captions_tell_what_is_not_usual(string background, string size, string place, string caption) =>
        Assert.Equal(caption, Zorb.Example(background, size, place).Caption);

    [Fact]
    public void The_example_pictures_have_the_captions_of_their_scenes() => Assert.Equal(
        Zorb.Examples.Select(scene => scene.Caption),
        Directory.EnumerateFiles(Path.Combine(TestFiles.RepositoryRoot, "examples", "images"), "*.txt").Order(StringComparer.Ordinal).Select(path => File.ReadAllText(path).Trim()));

    [Fact]
    public void Byte_pairs_make_a_token_of_every_word_they_were_learned_from()
    {
        using var folder = new TemporaryFolder();
        TokenizerFiles.Write(folder.Path, BytePairs.Learn(Scenes.Select(scene => scene.Caption)));
        var tokenizer = new ClipTokenizer(ClipVocabulary.Load(folder.Path));

        Assert.All(Scenes, scene => Assert.Equal(scene.Caption.Split(' ').Length, tokenizer.Encode(scene.Caption).Count));
        Assert.True(tokenizer.Encode("zorb").Count > 1);
    }
}
