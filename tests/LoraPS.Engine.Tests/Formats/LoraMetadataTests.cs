using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Tests.Formats;

public class LoraMetadataTests
{
    public static TheoryData<object?, string> PythonValues => new()
    {
        { null, "None" }, { true, "True" }, { false, "False" }, { "a b", "a b" }, { 16, "16" }, { -3L, "-3" },
        { 16.0, "16.0" }, { 0.1f, "0.1" }, { 1e-4, "0.0001" }, { 1e-5, "1e-05" }, { 2.5e-7, "2.5e-07" }, { 1e15, "1000000000000000.0" },
        { 1.2345678901234568e17, "1.2345678901234568e+17" }, { -0.0, "-0.0" }, { double.PositiveInfinity, "inf" }, { double.NaN, "nan" },
    };

    [Theory]
    [MemberData(nameof(PythonValues))]
    public void Values_are_written_as_Python_prints_them(object? value, string text) => Assert.Equal(text, PythonText.Of(value));

    [Fact]
    public void Values_without_a_form_are_refused() => Assert.Throws<ArgumentException>(() => PythonText.Of(new object()));

    [Fact]
    public void Tags_are_counted_over_all_folders_most_frequent_first()
    {
        var metadata = Metadata("""{"10_cat":{"cat":3,"tree":1,"sks":3},"5_dog":{"dog":2,"tree":4}}""");
        Assert.Equal([new("tree", 5), new("cat", 3), new("sks", 3), new("dog", 2)], metadata.TagFrequency());
    }

    [Theory]
    [InlineData("None")]
    [InlineData("[1]")]
    public void Regularization_folders_that_cannot_be_read_leave_the_tags_alone(string folders)
    {
        var metadata = new LoraMetadata(new Dictionary<string, string>
        {
            [LoraMetadata.TagFrequencyKey] = """{"10_cat": {"cat": 10}}""",
            [LoraMetadata.RegularizationKey] = folders,
        });

        Assert.Equal([new("cat", 10)], metadata.TagFrequency());
    }

    [Fact]
    public void Tags_of_regularization_pictures_are_not_those_of_the_lora()
    {
        var metadata = new LoraMetadata(new Dictionary<string, string>
        {
            [LoraMetadata.TagFrequencyKey] = """{"10_cat": {"cat": 10}, "1_animal": {"animal": 50}}""",
            [LoraMetadata.RegularizationKey] = """{"1_animal": {"n_repeats": 1, "img_count": 50}}""",
        });

        Assert.Equal([new("cat", 10)], metadata.TagFrequency());
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"a":1}""")]
    public void Tag_counts_that_cannot_be_read_are_none(string json) => Assert.Empty(Metadata(json).TagFrequency());

    private static LoraMetadata Metadata(string tags) => new(new Dictionary<string, string> { ["ss_tag_frequency"] = tags });
}
