from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("portal_bridge", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="portaloutbox",
            name="lookup",
            field=models.TextField(null=True),
        ),
    ]
