using LoraPS.Engine.Data;

namespace LoraPS.Engine.Tests.Data;

public class BucketSelectorTests
{
    [Fact]
    public void Lists_of_sizes_equal_the_reference()
    {
        foreach (var list in DatasetFixture.Json("buckets.json").GetProperty("resolutions").EnumerateArray())
        {
            var made = BucketSelector.MakeResolutions(
                list.GetProperty("max_reso").Size(),
                list.GetProperty("min_size").GetInt32(),
                list.GetProperty("max_size").GetInt32(),
                list.GetProperty("steps").GetInt32());
            Assert.Equal(list.GetProperty("resolutions").EnumerateArray().Select(DatasetFixture.Size), made);
        }
    }

    [Fact]
    public void Choices_resized_sizes_and_crops_equal_the_reference()
    {
        foreach (var choice in DatasetFixture.Json("buckets.json").GetProperty("selection").EnumerateArray())
        {
            var selector = BucketSelector.Create(DatasetFixture.Options(choice));
            foreach (var expected in choice.GetProperty("images").EnumerateArray())
            {
                var image = expected.GetProperty("image").Size();
                var fit = selector.Select(image);
                Assert.Equal((image, expected.GetProperty("bucket").Size()), (image, fit.Bucket));
                Assert.Equal((image, expected.GetProperty("resized").Size()), (image, fit.Resized));
                Assert.Equal(expected.GetProperty("ar_error").GetDouble(), fit.RatioError, 1e-12);
                var crop = expected.GetProperty("trim_left_top").Size();
                Assert.Equal(new CropOffset(crop.Width, crop.Height), fit.Centre);
                var box = expected.GetProperty("crop_ltrb").EnumerateArray().Select(side => side.GetDouble()).ToArray();
                Assert.Equal(new CropBox(box[0], box[1], box[2], box[3]), CropBox.Of(fit.Bucket, image));
            }
        }
    }

    [Fact]
    public void Without_buckets_every_picture_covers_the_resolution()
    {
        var selector = BucketSelector.Create(new DatasetOptions { Resolution = new ImageSize(512, 384) });
        foreach (var expected in DatasetFixture.Json("buckets.json").GetProperty("fixed_512x384").EnumerateArray())
        {
            var fit = selector.Select(expected.GetProperty("image").Size());
            Assert.Equal(new ImageSize(512, 384), fit.Bucket);
            Assert.Equal(expected.GetProperty("resized").Size(), fit.Resized);
        }
    }

    [Fact]
    public void Bounds_are_rounded_outwards()
    {
        foreach (var bounds in DatasetFixture.Json("buckets.json").GetProperty("adjust_min_max").EnumerateArray())
        {
            var (min, max) = BucketSelector.RoundBounds(
                bounds.GetProperty("min").GetInt32(), bounds.GetProperty("max").GetInt32(), bounds.GetProperty("step").GetInt32());
            Assert.Equal(bounds.GetProperty("result").Size(), new ImageSize(min, max));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_resized_picture_always_covers_its_bucket(bool noUpscale)
    {
        var selector = BucketSelector.Create(new DatasetOptions { Resolution = new(512, 512), EnableBucket = true, BucketNoUpscale = noUpscale });
        for (var width = 64; width < 3000; width += 97)
            for (var height = 64; height < 3000; height += 89)
            {
                var fit = selector.Select(new ImageSize(width, height));
                Assert.True(fit.Excess is { Width: >= 0, Height: >= 0 }, $"{width}x{height}: {fit}");
                Assert.True(!noUpscale || (fit.Resized.Width <= width && fit.Resized.Height <= height), $"{width}x{height}: {fit}");
            }
    }
}
